using System.Diagnostics;
using System.Globalization;

namespace Fn.Bench.Dashboard;

/// <summary><see cref="PageViewers"/>, running.</summary>
internal sealed class Viewers : IAsyncDisposable
{
    private readonly Process _process;

    private Viewers(Process process) => _process = process;

    /// <summary>Processor time that looking has used outside of the gateway. A browser uses far more.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Completes when all of them see the page alive.</summary>
    /// <param name="count">How many.</param>
    /// <param name="page">What they look at.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<Viewers> OpenAsync(int count, Uri page, CancellationToken cancel)
    {
        string[] arguments = [PageViewers.Command, page.AbsoluteUri, count.ToString(CultureInfo.InvariantCulture)];
        var viewers = new Viewers(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        try
        {
            await viewers.ReadAsync(cancel);
            return viewers;
        }
        catch
        {
            await viewers.DisposeAsync();
            throw;
        }
    }

    /// <summary>What all of them together have been sent so far: changes, and bytes of them.</summary>
    public async Task<(long Updates, long Bytes)> CountAsync(CancellationToken cancel)
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync(cancel);
        var counts = (await ReadAsync(cancel)).Split(' ').Select(static count => long.Parse(count, CultureInfo.InvariantCulture)).ToList();
        return (counts[0], counts[1]);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> ReadAsync(CancellationToken cancel) =>
        await _process.StandardOutput.ReadLineAsync(cancel) ?? throw new BenchException("Those who look at the dashboard ended.");
}
