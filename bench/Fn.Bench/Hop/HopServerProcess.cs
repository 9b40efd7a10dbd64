using System.Diagnostics;

namespace Fn.Bench.Hop;

/// <summary><see cref="HopServer"/>, running.</summary>
internal sealed class HopServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private HopServerProcess(Process process) => _process = process;

    public Uri Runner { get; private set; } = null!;

    public Uri Http1 { get; private set; } = null!;

    public Uri Http2 { get; private set; } = null!;

    public static async Task<HopServerProcess> StartAsync(CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [HopServer.Command]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var server = new HopServerProcess(Process.Start(start)!);
        var addresses = (await server._process.StandardOutput.ReadLineAsync(cancel))?.Split(' ');
        if (addresses is not [var runner, var http1, var http2])
            throw new InvalidOperationException("The server ended before it listened.");
        (server.Runner, server.Http1, server.Http2) = (new Uri(runner), new Uri(http1), new Uri(http2));
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
