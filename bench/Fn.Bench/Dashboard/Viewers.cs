using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Fn.Bench.Dashboard;

/// <summary>A real browser with the dashboard in so many tabs.</summary>
internal sealed class Viewers : IAsyncDisposable
{
    private const string Browser = "chromium";

    // Of /proc/net/tcp.
    private const string Established = "01";

    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("fn-bench-");
    private readonly Process _browser;

    private Viewers()
    {
        var start = new ProcessStartInfo(Browser) { RedirectStandardError = true };
        string[] arguments =
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", $"--user-data-dir={_profile.FullName}",
            "--remote-debugging-port=0",
            // All tabs are to be treated as if somebody looked at them.
            "--disable-renderer-backgrounding", "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows",
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        _browser = Process.Start(start)!;
    }

    /// <summary>Opens the tabs. Completes when each has its connection for what changes.</summary>
    /// <param name="tabs">How many.</param>
    /// <param name="page">The page in each.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<Viewers> OpenAsync(int tabs, Uri page, CancellationToken cancel)
    {
        var viewers = new Viewers();
        try
        {
            var before = await ConnectionsAsync(page.Port, cancel);
            await viewers.OpenTabsAsync(tabs, page, cancel);
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200), TimeProvider.System);
            while (await ConnectionsAsync(page.Port, cancel) < before + tabs)
                await tick.WaitForNextTickAsync(cancel);
            return viewers;
        }
        catch
        {
            await viewers.DisposeAsync();
            throw;
        }
    }

    /// <summary>By the browser's own protocol: from its command line it takes one page.</summary>
    private async Task OpenTabsAsync(int tabs, Uri page, CancellationToken cancel)
    {
        const string listening = "DevTools listening on ws://";
        string? line;
        do
            line = await _browser.StandardError.ReadLineAsync(cancel);
        while (line?.StartsWith(listening, StringComparison.Ordinal) == false);
        if (line is null)
            throw new InvalidOperationException($"{Browser} ended before it could be told what to show.");
        _ = _browser.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        using var http = new HttpClient();
        for (var i = 0; i < tabs; i++)
        {
            using var opened = await http.PutAsync(new Uri($"http://{line[listening.Length..].Split('/')[0]}/json/new?{page.AbsoluteUri}"), null, cancel);
            opened.EnsureSuccessStatusCode();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Kill(entireProcessTree: true);
        await _browser.WaitForExitAsync();
        _browser.Dispose();
        _profile.Delete(recursive: true);
    }

    /// <summary>Connections that the server at a port of the loopback address has.</summary>
    private static async Task<int> ConnectionsAsync(int port, CancellationToken cancel)
    {
        var local = string.Create(CultureInfo.InvariantCulture, $"{BitConverter.ToUInt32(IPAddress.Loopback.GetAddressBytes()):X8}:{port:X4}");
        var lines = await File.ReadAllLinesAsync("/proc/net/tcp", cancel);
        return lines.Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Count(fields => fields[1] == local && fields[3] == Established);
    }
}
