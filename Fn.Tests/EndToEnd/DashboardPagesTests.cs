using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Every page of the dashboard, as people of all kinds look at it.</summary>
[Collection(DashboardRuns.Name)]
public sealed class DashboardPagesTests(DashboardPlatform dashboard)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("overview", "", "Overview")]
    [InlineData("hot", "hot", "Hot map")]
    [InlineData("calls", "functions/{fn}", "test/checkout")]
    [InlineData("logs", "functions/{fn}?tab=logs", "test/checkout")]
    [InlineData("invoke", "functions/{fn}?tab=invoke", "test/checkout")]
    [InlineData("definition", "functions/{fn}?tab=definition", "test/checkout")]
    [InlineData("update", "functions/{fn}?tab=update", "test/checkout")]
    [InlineData("call", "calls/{call}", "Call ")]
    [InlineData("runner", "runners/{runner}", "")]
    [InlineData("new", "new", "New function")]
    public async Task Page_LightDarkAndPhone_IsWholeAndAccessible(string name, string path, string heading)
    {
        await using var page = await dashboard.OpenAsync(await FillAsync(path));
        foreach (var look in (DashboardLook[])[DashboardLook.Light, DashboardLook.Dark, DashboardLook.Phone])
        {
            await page.LookAsync(look);
            await Assertions.Expect(page.Page.Locator("h1")).ToContainTextAsync(heading);
            if (name == "calls" && look == DashboardLook.Light)
                await page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Details of the call" }).Last.ClickAsync();
            if (name == "logs")
                await Assertions.Expect(page.Page.GetByRole(AriaRole.Log)).ToContainTextAsync("line 1");
            await page.ShootAsync(name);
            await page.CheckAsync();
        }
    }

    [Fact]
    public async Task Call_Cold_TellsWhyItWaitedAndLinksToItsRunner()
    {
        var path = await FillAsync("calls/{call}");
        await using var page = await dashboard.OpenAsync(path);

        await Assertions.Expect(page.Page.GetByText("no container runs")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByText("A container was started in")).ToBeVisibleAsync();
        foreach (var part in (string[])["Container started", "Ready for calls", "Function ran"])
            await Assertions.Expect(page.Page.GetByRole(AriaRole.List, new PageGetByRoleOptions { Name = "Parts of the call" })).ToContainTextAsync(part);
        var trace = (string)(await GetAsync($"/v2/{path}"))["trace_id"]!;
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Open the trace" })).ToHaveAttributeAsync("href", $"http://traces.example/trace/{trace}");
        await page.Page.Locator("dl a[href^='runners/']").ClickAsync();
        await Assertions.Expect(page.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/dashboard/runners/[0-9a-f]{32}$"));
        await Assertions.Expect(page.Button("Drain")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("calls/none", "No call of this id is known")]
    [InlineData("functions/none", "There is no such function")]
    [InlineData("runners/none", "No runner of this id or address")]
    [InlineData("none", "There is no such page")]
    public async Task Page_OfNothing_SaysWhatToDoNext(string path, string text)
    {
        await using var page = await dashboard.OpenAsync(path, expected: "404");

        await Assertions.Expect(page.Page.GetByText(text)).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.Locator("main a").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Colours_Switched_StayAfterTheNextLoad()
    {
        await using var page = await dashboard.OpenAsync("", look: DashboardLook.Dark);
        var background = () => page.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
        Assert.Equal("rgb(20, 22, 26)", await background());

        await page.Button("Switch colours: the system’s, light, dark").ClickAsync();
        Assert.Equal("rgb(245, 246, 248)", await background());
        await page.GoAsync("hot");
        Assert.Equal("rgb(245, 246, 248)", await background());
    }

    [Fact]
    public async Task Keyboard_FromTheTop_SkipsToTheContentAndSorts()
    {
        await using var page = await dashboard.OpenAsync("");
        await dashboard.Platform.CallAsync(dashboard.Function);
        var skip = page.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Skip to the content" });
        await skip.FocusAsync();
        await Assertions.Expect(skip).ToBeInViewportAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.Locator("main")).ToBeFocusedAsync();

        await page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Calls", Exact = true }).FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.Locator("th[aria-sort=descending]")).ToHaveTextAsync("Calls");
        // By name it would be the first; it is never called. A call counts once its five seconds are over.
        await Assertions.Expect(page.Page.Locator("tbody tr").First).Not.ToContainTextAsync("a-name-that");
        await Assertions.Expect(page.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("sort=Rate"));

        await page.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "test/checkout" }).FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Heading("test/checkout")).ToBeVisibleAsync();
    }

    private async Task<string> FillAsync(string path)
    {
        if (!path.Contains('{', StringComparison.Ordinal) || dashboard.Platform is null)
            return path;
        var calls = await GetAsync($"/v2/fns/{dashboard.Function}/calls?cold=true");
        return path
            .Replace("{fn}", dashboard.Function, StringComparison.Ordinal)
            .Replace("{call}", (string)calls["items"]!.AsArray()[^1]!["id"]!, StringComparison.Ordinal)
            .Replace("{runner}", (string)(await GetAsync("/v2/runners"))["items"]![0]!["id"]!, StringComparison.Ordinal);
    }

    private async Task<JsonNode> GetAsync(string path) => (await dashboard.Platform.Http.GetFromJsonAsync<JsonNode>(new Uri(path, UriKind.Relative), Cancel))!;
}
