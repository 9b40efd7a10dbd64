using System.Diagnostics;
using StackExchange.Redis;

namespace Fn.Bench;

/// <summary>A Redis server of the bench's own on a free port of loopback, which saves nothing.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-bench-redis-");
    private readonly int _port = Loopback.FreePort();
    private Process? _process;
    private ConnectionMultiplexer? _connection;

    /// <summary>For <c>ConnectionStrings:redis</c>.</summary>
    public string Address => $"127.0.0.1:{_port}";

    /// <summary>Processor time it has used so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<RedisProcess> StartAsync(CancellationToken cancel)
    {
        var redis = new RedisProcess();
        try
        {
            await redis.StartAgainAsync(cancel);
            redis._connection = await ConnectionMultiplexer.ConnectAsync(redis.Address + ",allowAdmin=true,abortConnect=false").WaitAsync(cancel);
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it and waits until it takes connections.</summary>
    public async Task StartAgainAsync(CancellationToken cancel)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string[] arguments = ["--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--dir", _directory.FullName];
        _process = new Process { StartInfo = new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true }, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("Ready to accept connections", StringComparison.Ordinal) == true)
                ready.TrySetResult();
        };
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("redis-server ended before it was ready."));
        _process.Start();
        _process.BeginOutputReadLine();
        await ready.Task.WaitAsync(cancel);
    }

    /// <summary>Ends it at once. All it knew is lost.</summary>
    public async Task StopAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public Task FlushAsync() => Server.FlushAllDatabasesAsync();

    /// <summary>Calls of each command since it was started.</summary>
    public async Task<Dictionary<string, long>> CommandsAsync()
    {
        var calls = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in (await Server.InfoAsync("commandstats")).SelectMany(section => section))
        {
            // cmdstat_publish: calls=17,usec=...
            var count = line.Value.Split(',')[0]["calls=".Length..];
            calls[line.Key["cmdstat_".Length..]] = long.Parse(count, System.Globalization.CultureInfo.InvariantCulture);
        }
        return calls;
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        if (_process is not null)
            await StopAsync();
        _directory.Delete(recursive: true);
    }

    private IServer Server => _connection!.GetServers()[0];
}
