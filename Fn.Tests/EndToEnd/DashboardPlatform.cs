using Fn.Tests.Fakes.Otlp;
using Microsoft.Playwright;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>All browser tests: they share one platform and one browser.</summary>
[CollectionDefinition(Name)]
public sealed class DashboardRuns : ICollectionFixture<DashboardPlatform>
{
    public const string Name = "dashboard";
}

/// <summary>A gateway that runs functions itself, with two of them, and a browser to look at it with.</summary>
public sealed class DashboardPlatform : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-test-");
    private IPlaywright? _playwright;

    // Calls have a trace to be linked to only while somebody receives traces.
    private OtlpReceiver? _traces;
    private int _files;

    /// <summary>Called once when the platform began, so it has calls that are over.</summary>
    public string Function { get; private set; } = "";

    internal Platform Platform { get; private set; } = null!;

    internal IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
            return;
        _traces = await OtlpReceiver.StartAsync();
        Platform = await Platform.StartAsync(
            0,
            "--Fn:Dashboard:TraceUrl=http://traces.example/trace/{traceId}",
            $"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT={new Uri(_traces.Http, "/v1/traces")}",
            "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf");
        Function = await Platform.CreateFaultyAsync("checkout", idleTimeout: 300);
        await Platform.CreateFaultyAsync("a-name-that-is-so-long-that-no-phone-and-hardly-any-table-shows-all-of-it-on-one-line");
        await Platform.CallAsync(Function, "log 2", "hello");
        await Platform.CallAsync(Function, "status 500");
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        _playwright?.Dispose();
        if (Platform is not null)
            await Platform.DisposeAsync();
        if (_traces is not null)
            await _traces.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    /// <summary>A file that is not there yet, for functions that wait for one.</summary>
    internal string NewFile() => Path.Combine(_directory.FullName, $"{++_files}");

    /// <summary>Opens a page of the dashboard in a browser of its own.</summary>
    /// <param name="path">Below <c>/dashboard/</c>.</param>
    /// <param name="gateway">Of another gateway; null: this platform's.</param>
    /// <param name="look">How it is looked at.</param>
    /// <param name="expected">Part of the problems that are none here; null: all are.</param>
    internal async Task<DashboardPage> OpenAsync(string path, Uri? gateway = null, DashboardLook look = DashboardLook.Light, string? expected = null)
    {
        Assert.SkipUnless(File.Exists(Chromium), $"No browser: {Chromium} is not there.");
        var page = await DashboardPage.NewAsync(Browser, new Uri(gateway ?? Platform.Gateway.Address, "/dashboard/"), look);
        if (expected is not null)
            page.Expected.Add(expected);
        await page.GoAsync(path);
        return page;
    }

    /// <summary>Asks a gateway with tokens for a page, which leads to the one to sign in.</summary>
    internal async Task<DashboardPage> OpenSignInAsync(Uri gateway, string path)
    {
        var page = await DashboardPage.NewAsync(Browser, new Uri(gateway, "/dashboard/"), DashboardLook.Light);
        await page.Page.GotoAsync(new Uri(gateway, $"/dashboard/{path}").AbsoluteUri);
        return page;
    }

    /// <summary>A function that is called by one test alone.</summary>
    internal async Task<string> CreateAsync(string name, int idleTimeout = 300, int minHot = 0)
    {
        Assert.SkipUnless(File.Exists(Chromium), $"No browser: {Chromium} is not there.");
        return await Platform.CreateFaultyAsync(name, idleTimeout: idleTimeout, minHot: minHot);
    }
}
