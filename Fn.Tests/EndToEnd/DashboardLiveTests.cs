using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>What changes while somebody looks.</summary>
[Collection(DashboardRuns.Name)]
public sealed class DashboardLiveTests(DashboardPlatform dashboard)
{
    [Fact]
    public async Task Overview_Call_ShowsItsContainerAndItsFigures()
    {
        var function = await dashboard.CreateAsync("watched");
        await using var page = await dashboard.OpenAsync("?search=watched");
        var row = page.Page.Locator("tbody tr");
        await Assertions.Expect(row).ToHaveCountAsync(1);
        await Assertions.Expect(row).ToContainTextAsync("none");

        await dashboard.Platform.CallAsync(function);

        await Assertions.Expect(row).ToContainTextAsync("1 idle");
        // One call, which was cold.
        await Assertions.Expect(row.Locator("td[data-label=Cold]")).ToHaveTextAsync("100 %");
        var waited = row.Locator("td[data-label^=Waited]");
        await Assertions.Expect(waited).Not.ToHaveTextAsync("–");
        await Assertions.Expect(waited).ToHaveAttributeAsync("title", "1 cold call of 1 call in 24 hours");

        await page.Button("Waited for starts, 24 h").ClickAsync();
        await Assertions.Expect(page.Page.Locator("th[aria-sort=descending]")).ToHaveTextAsync("Waited for starts, 24 h");
        await Assertions.Expect(row).ToContainTextAsync("watched");
    }

    [Fact]
    public async Task HotMap_BusyThenIdle_ShowsWhichAndCountsDown()
    {
        var function = await dashboard.CreateAsync("mapped");
        var file = dashboard.NewFile();
        await using var page = await dashboard.OpenAsync("hot");
        var pool = page.Page.Locator("li.pool", new PageLocatorOptions { HasText = "test/mapped" });
        await Assertions.Expect(pool).ToHaveCountAsync(0);

        var call = dashboard.Platform.CallAsync(function, $"hold {file}");
        await Assertions.Expect(pool.Locator(".cell.busy")).ToHaveCountAsync(1);
        await Assertions.Expect(pool.GetByRole(AriaRole.Button)).ToBeDisabledAsync();
        await page.ShootAsync("hot-busy");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        Assert.Equal(200, (await call).Status);

        await Assertions.Expect(pool.Locator(".cell.idle.timed")).ToHaveCountAsync(1);
        await Assertions.Expect(pool.Locator(".cell.busy")).ToHaveCountAsync(0);
        // Of 300 s it has some left, and less than all.
        var left = await pool.Locator(".cell.idle").EvaluateAsync<int>("cell => Number(getComputedStyle(cell).getPropertyValue('--left'))");
        Assert.InRange(left, 1, 300);

        await pool.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(pool).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task HotMap_ContainerThatIsKept_HasNoEnd()
    {
        var function = await dashboard.CreateAsync("kept", minHot: 1);
        await using var page = await dashboard.OpenAsync("hot");
        var pool = page.Page.Locator("li.pool", new PageLocatorOptions { HasText = "test/kept" });

        await Assertions.Expect(pool.Locator(".cell.kept")).ToHaveTextAsync("kept");
        await Assertions.Expect(pool.Locator(".cell.timed")).ToHaveCountAsync(0);
        await page.ShootAsync("hot-kept");
        await page.CheckAsync();

        // Asked for no more, it counts down like any other.
        await dashboard.Platform.UpdateAsync(function, new JsonObject { ["min_hot"] = 0 });
        await Assertions.Expect(pool.Locator(".cell.timed")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Function_CallsWhileWatched_AreListedWithoutAsking()
    {
        var function = await dashboard.CreateAsync("listed");
        await using var page = await dashboard.OpenAsync($"functions/{function}");
        await Assertions.Expect(page.Page.GetByText("No call of the last")).ToBeVisibleAsync();

        await dashboard.Platform.CallAsync(function);
        await dashboard.Platform.CallAsync(function, "exit 3");
        var rows = page.Page.Locator("table.calls tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await page.Button("Failed").ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await Assertions.Expect(rows).ToContainTextAsync("502");
        await rows.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.Page.GetByText("Failed after")).ToBeVisibleAsync();
        await page.Button("Cold").ClickAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("cold");
    }

    [Fact]
    public async Task Logs_LinesWhileWatched_ComeWithTheirCall()
    {
        var function = await dashboard.CreateAsync("logged");
        await using var page = await dashboard.OpenAsync($"functions/{function}?tab=logs");
        await Assertions.Expect(page.Page.GetByText("Nothing was written lately")).ToBeVisibleAsync();

        var call = await dashboard.Platform.CallAsync(function, "log 3");

        var log = page.Page.GetByRole(AriaRole.Log);
        await Assertions.Expect(log).ToContainTextAsync("line 2");
        await Assertions.Expect(log.Locator($"a[href='calls/{call.CallId}']").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Page_BehindAnotherTab_IsBroughtUpToDateWhenItIsSeenAgain()
    {
        var function = await dashboard.CreateAsync("unseen");
        await using var page = await dashboard.OpenAsync("?search=unseen");
        await using var other = await dashboard.OpenAsync("?search=unseen");
        var (row, seenRow) = (page.Page.Locator("tbody tr"), other.Page.Locator("tbody tr"));
        await Assertions.Expect(row).ToContainTextAsync("none");
        // The browser here shows all pages; the script is told as by one that does not. Its answer says that the gateway knows.
        await page.Page.EvaluateAsync("() => { Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true }); return fn.tellSight(); }");

        await dashboard.Platform.CallAsync(function);
        // A turn of everybody has come when the other, which joined later, was shown it.
        await Assertions.Expect(seenRow).ToContainTextAsync("1 idle");
        await Assertions.Expect(row).ToContainTextAsync("none");

        await page.Page.EvaluateAsync("() => { delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange')); }");
        await Assertions.Expect(row).ToContainTextAsync("1 idle");
    }

    [Fact]
    public async Task Logs_MoreThanFit_StayAtTheEndUnlessTheyAreRead()
    {
        var function = await dashboard.CreateAsync("long-log");
        await dashboard.Platform.CallAsync(function, "log 60");
        await using var page = await dashboard.OpenAsync($"functions/{function}?tab=logs");
        var log = page.Page.GetByRole(AriaRole.Log);
        var lines = log.Locator("li");
        Task EndsAsync() => Eventually.HoldsAsync(() => log.EvaluateAsync<bool>("log => log.scrollTop > 0 && log.scrollTop + log.clientHeight > log.scrollHeight - 2"), "the end of the log is shown");

        await Assertions.Expect(lines).ToHaveCountAsync(60);
        await EndsAsync();
        await page.Page.Locator("fluent-switch").ClickAsync();
        await Assertions.Expect(log).ToHaveAttributeAsync("data-follow", "false");
        await log.EvaluateAsync("log => log.scrollTop = 0");
        await dashboard.Platform.CallAsync(function, "log 5");
        await Assertions.Expect(lines).ToHaveCountAsync(65);
        Assert.Equal(0, await log.EvaluateAsync<int>("log => log.scrollTop"));

        await page.Page.Locator("fluent-switch").ClickAsync();
        await dashboard.Platform.CallAsync(function, "log 5");
        await Assertions.Expect(lines).ToHaveCountAsync(70);
        await EndsAsync();
    }

    [Fact]
    public async Task Gateway_Gone_SaysSoAndWhatToDo()
    {
        Assert.SkipWhen(dashboard.Platform is null, "No browser.");
        await using var platform = await Platform.StartAsync();
        await using var page = await dashboard.OpenAsync("", platform.Gateway.Address);
        page.Expected.AddRange(["ERR_CONNECTION_REFUSED", "WebSocket", "Connection", "connection"]);
        await Assertions.Expect(page.Page.GetByText("There is no function yet")).ToBeVisibleAsync();
        await page.ShootAsync("overview-empty");
        await page.CheckAsync();

        await platform.Gateway.KillAsync();

        await Assertions.Expect(page.Text("The gateway is not reached.")).ToBeVisibleAsync();
        await page.ShootAsync("overview-lost");
    }
}
