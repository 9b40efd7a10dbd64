using Fn.Api.Store.Sqlite;
using Fn.Tests.Api.Store;
using Fn.Tests.ServiceDefaults.Registry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Pages of a platform that lacks something, has too much of it, or fails.</summary>
[Collection(DashboardRuns.Name)]
public sealed class DashboardTroubleTests(DashboardPlatform dashboard)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cluster_WithoutRunnersRegistryAndStore_SaysWhatToDoNext()
    {
        Assert.SkipWhen(dashboard.Platform is null, "No browser.");
        await using var redis = await RedisServer.StartAsync();
        await using var platform = await Platform.StartAsync(0, $"--ConnectionStrings:redis={redis.Address},connectTimeout=1000", $"--Fn:Cluster:Key={Cluster.Key}");
        await using var page = await dashboard.OpenAsync("hot", platform.Gateway.Address);
        await Assertions.Expect(page.Heading("No runner has joined yet")).ToBeVisibleAsync();
        await page.ShootAsync("hot-no-runners");
        await page.CheckAsync();

        await redis.StopAsync();
        var note = page.Text("The registry is not reached.");
        await Assertions.Expect(note).ToBeVisibleAsync();
        // What is opened meanwhile is there all the same.
        await page.GoAsync("");
        await Assertions.Expect(note).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByText("There is no function yet")).ToBeVisibleAsync();
        await page.ShootAsync("overview-no-registry");
        await page.CheckAsync();
        await redis.StartAgainAsync();
        await Assertions.Expect(note).ToBeHiddenAsync();

        await using var store = Open(platform);
        await store.Database.ExecuteSqlAsync($"ALTER TABLE fns RENAME TO away", Cancel);
        await page.GoAsync("functions/any");
        await Assertions.Expect(page.Heading("This page could not be shown")).ToBeVisibleAsync();
        await page.ShootAsync("page-failure");
        await page.CheckAsync();
        await store.Database.ExecuteSqlAsync($"ALTER TABLE away RENAME TO fns", Cancel);
        await page.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Load it again" }).ClickAsync();
        await Assertions.Expect(page.Heading("There is no such function")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Overview_TenThousandFunctions_OpensPagesAndSearches()
    {
        Assert.SkipWhen(dashboard.Platform is null, "No browser.");
        await using var platform = await Platform.StartAsync();
        await using (var store = Open(platform))
            await ManyFunctions.AddAsync(store, 10_000, TimeProvider.System.GetUtcNow(), Cancel);
        var called = await platform.CreateFaultyAsync("called");
        await platform.CallAsync(called);
        await using var page = await dashboard.OpenAsync("", platform.Gateway.Address);
        var rows = page.Page.Locator("tbody tr");
        await Assertions.Expect(page.Heading("Functions 10,001")).ToBeVisibleAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(25);
        await Assertions.Expect(rows.First).ToContainTextAsync("many/f00000");

        await page.Button("Next page").ClickAsync();
        await Assertions.Expect(page.Text("Page 2 of 401")).ToBeVisibleAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("many/f00025");
        // By what starts cost the one that was called comes first, and the others by name.
        await page.Button("Waited for starts, 24 h").ClickAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("test/called");
        await Assertions.Expect(rows.Nth(1)).ToContainTextAsync("many/f00000");
        await page.ShootAsync("overview-many");
        await page.CheckAsync();
        await page.Page.GetByRole(AriaRole.Searchbox, new PageGetByRoleOptions { Name = "Search functions" }).FillAsync("f0777");
        await Assertions.Expect(rows).ToHaveCountAsync(10);
    }

    [Fact]
    public async Task Page_ThatCannotBeDrawn_SaysSoAndIsLoadedAgain()
    {
        await using var page = await dashboard.OpenAsync("");
        // The browser complains in many words.
        page.Expected.Add("");
        // Something in the browser takes away what the page is made of, so the next page cannot be put in its place.
        await page.Page.Locator("main .title").EvaluateAsync("title => title.remove()");
        await page.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Hot map" }).ClickAsync();

        var notice = page.Page.Locator("#blazor-error-ui");
        await Assertions.Expect(notice).ToBeVisibleAsync();
        await Assertions.Expect(notice).ToContainTextAsync("This page stopped.");
        await page.ShootAsync("page-stopped");
        await page.CheckAsync();
        await page.Button("Load the page again").ClickAsync();
        await Assertions.Expect(page.Heading("Hot map")).ToBeVisibleAsync();
        await page.AliveAsync();
        await Assertions.Expect(notice).ToBeHiddenAsync();
    }

    private static SqliteFnDbContext Open(Platform platform) => new(new DbContextOptionsBuilder<SqliteFnDbContext>().UseSqlite($"Data Source={platform.Database};Pooling=False").Options);
}
