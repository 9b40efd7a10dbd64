using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fn.Tests.Examples;
using StackExchange.Redis;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Registry;

/// <summary>
/// A Redis (or Garnet) server of the test's own on a free port of loopback, which can be stopped and started again. Where it is not installed, the test is
/// skipped.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly string? Program =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-redis-");
    private readonly string? _password;
    private readonly bool _garnet;
    private readonly int _port = FreePort();
    private Process? _process;

    private RedisServer(string? password, bool garnet) => (_password, _garnet) = (password, garnet);

    /// <summary>For <c>ConnectionStrings:redis</c>.</summary>
    public string Address => $"127.0.0.1:{_port}" + (_password is null ? "" : $",password={_password}");

    public static async Task<RedisServer> StartAsync(string? password = null)
    {
        Assert.SkipWhen(Program is null, "Redis is not installed: no redis-server on PATH.");
        var server = new RedisServer(password, garnet: false);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Garnet, as the tool manifest names it.</summary>
    public static async Task<RedisServer> StartGarnetAsync()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Assert.SkipUnless(Directory.Exists(Path.Combine(packages, "garnet-server")), "Garnet is not installed: run dotnet tool restore.");
        var server = new RedisServer(password: null, garnet: true);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>An address at which there is no server.</summary>
    public static string Nowhere() => $"127.0.0.1:{FreePort()}";

    public async Task StartAgainAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = _garnet ? Garnet() : Redis();
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("Ready to accept connections", StringComparison.Ordinal) == true)
                ready.TrySetResult();
        };
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"{start.FileName} ended before it was ready."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it at once. All it knew is lost, as nothing is saved.</summary>
    public async Task StopAsync()
    {
        _process!.Kill(entireProcessTree: true);
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

    private ProcessStartInfo Redis() => new(
        Program!,
        ["--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--dir", _directory.FullName, .. _password is null ? (string[])[] : ["--requirepass", _password]]);

    private ProcessStartInfo Garnet() => new("dotnet", ["tool", "run", "garnet-server", "--", "--bind", "127.0.0.1", "--port", $"{_port}", "--memory", "64m", "--page", "1m", "--index", "4m"])
    {
        WorkingDirectory = Path.GetDirectoryName(ExampleProcess.Folders.Root),
    };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
