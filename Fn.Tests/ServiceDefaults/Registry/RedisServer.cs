using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Registry;

/// <summary>A Redis server of the test's own on a free port of loopback, which can be stopped and started again. Where it is not installed, the test is skipped.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly string? Program =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-redis-");
    private readonly string? _password;
    private readonly int _port = FreePort();
    private Process? _process;

    private RedisServer(string? password) => _password = password;

    /// <summary>For <c>ConnectionStrings:redis</c>.</summary>
    public string Address => $"127.0.0.1:{_port}" + (_password is null ? "" : $",password={_password}");

    public static async Task<RedisServer> StartAsync(string? password = null)
    {
        Assert.SkipWhen(Program is null, "Redis is not installed: no redis-server on PATH.");
        var server = new RedisServer(password);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>An address at which there is no server.</summary>
    public static string Nowhere() => $"127.0.0.1:{FreePort()}";

    public async Task StartAgainAsync()
    {
        string[] arguments = ["--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--dir", _directory.FullName, .. _password is null ? (string[])[] : ["--requirepass", _password]];
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = new ProcessStartInfo(Program!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("Ready to accept connections", StringComparison.Ordinal) == true)
                ready.TrySetResult();
        };
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("redis-server ended before it was ready."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it at once. All it knew is lost, as nothing is saved.</summary>
    public async Task StopAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Does something with a connection of the test's own.</summary>
    public async Task<T> AskAsync<T>(Func<IDatabase, IServer, Task<T>> ask)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Address + ",allowAdmin=true");
        return await ask(connection.GetDatabase(), connection.GetServers()[0]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await StopAsync();
        _directory.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
