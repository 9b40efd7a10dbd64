using System.Text.RegularExpressions;
using Fn.Tests.Functions;
using Microsoft.Playwright;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>What people do with the dashboard.</summary>
[Collection(DashboardRuns.Name)]
public sealed class DashboardFormsTests(DashboardPlatform dashboard)
{
    [Fact]
    public async Task Invoke_BodyAndHeaders_ReachTheFunctionAsAnyCall()
    {
        var function = await dashboard.CreateAsync("invoked");
        await using var page = await dashboard.OpenAsync($"functions/{function}?tab=invoke");
        await page.Field("Content type").FillAsync("text/x-own");
        await page.Field("Body").FillAsync("Grüße");
        await page.Button("Invoke").ClickAsync();

        var answer = page.Page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = "Answer" });
        await Assertions.Expect(answer.Locator("pre")).ToHaveTextAsync("Grüße");
        await Assertions.Expect(answer.Locator(".tag.cold")).ToBeVisibleAsync();
        await Assertions.Expect(answer).ToContainTextAsync("text/x-own");
        await Assertions.Expect(answer).ToContainTextAsync("Server-Timing");
        await page.ShootAsync("invoked");
        await page.CheckAsync();

        await answer.Locator("fluent-switch").ClickAsync();
        await Assertions.Expect(answer.Locator("pre")).ToContainTextAsync("47 72 c3 bc c3 9f 65");

        await page.Field("Headers").FillAsync($"{FaultyFunction.Header}: status 418");
        await page.Button("Invoke").ClickAsync();
        await Assertions.Expect(answer.Locator(".tag").First).ToHaveTextAsync("418");
        await Assertions.Expect(answer.Locator(".tag.hot")).ToBeVisibleAsync();

        await answer.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "The call’s story" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByText("The function answered 418")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Update_OutOfRange_IsSaidAtTheField()
    {
        var function = await dashboard.CreateAsync("updated");
        await using var page = await dashboard.OpenAsync($"functions/{function}?tab=update");
        var memory = page.Field("Memory, MiB");
        await memory.FillAsync("9000");
        await page.Button("Save").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("memory value is out of range. It should be between 0 and 8192")).ToBeVisibleAsync();
        await page.ShootAsync("update-error");
        await page.CheckAsync();

        await memory.FillAsync("96");
        await page.Button("Save").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("Saved.")).ToBeVisibleAsync();
        await page.GoAsync($"functions/{function}?tab=definition");
        await Assertions.Expect(page.Page.GetByText("96 MiB a container")).ToBeVisibleAsync();
        // What is in the environment may be secret.
        await Assertions.Expect(page.Text("DOTNET_ROOT")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByText(FaultyFunction.Config["DOTNET_ROOT"])).ToHaveCountAsync(0);
        await page.Button("Show the values of Config").ClickAsync();
        await Assertions.Expect(page.Page.GetByText(FaultyFunction.Config["DOTNET_ROOT"])).ToBeVisibleAsync();
    }

    [Fact]
    public async Task New_NameTakenThenFree_MakesFunctionAndAppAndDeletesIt()
    {
        await using var page = await dashboard.OpenAsync("new");
        await page.Page.GetByRole(AriaRole.Combobox, new PageGetByRoleOptions { Name = "App" }).FillAsync("test");
        await page.Field("Name").FillAsync("checkout");
        await page.Field("Image").FillAsync(FaultyFunction.Image);
        await page.Button("Create").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("Fn with specified name already exists")).ToBeVisibleAsync();

        await page.Page.GetByRole(AriaRole.Combobox, new PageGetByRoleOptions { Name = "App" }).FillAsync("made");
        await page.Button("Create").ClickAsync();
        await Assertions.Expect(page.Heading("made/checkout")).ToBeVisibleAsync();

        await page.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Update", Exact = true }).ClickAsync();
        await page.Button("Delete the function").ClickAsync();
        await Assertions.Expect(page.Text("Delete made/checkout?")).ToBeVisibleAsync();
        await page.ShootAsync("delete");
        await page.DialogButton("Cancel").ClickAsync();
        await Assertions.Expect(page.Heading("made/checkout")).ToBeVisibleAsync();
        await page.Button("Delete the function").ClickAsync();
        await page.DialogButton("Delete").ClickAsync();
        await Assertions.Expect(page.Heading("Overview")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByText("made/")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Runner_DrainedOnceConfirmed_TakesNoMoreCalls()
    {
        Assert.SkipWhen(dashboard.Platform is null, "No browser.");
        await using var platform = await Platform.StartAsync();
        var function = await platform.CreateFaultyAsync();
        var runner = (await platform.CallAsync(function)).Runner;
        await using var page = await dashboard.OpenAsync($"runners/{runner}", platform.Gateway.Address);
        await page.Button("Drain").ClickAsync();
        await Assertions.Expect(page.Page.GetByText("those that wait go to other runners")).ToBeVisibleAsync();
        await page.DialogButton("Cancel").ClickAsync();
        Assert.Equal(200, (await platform.CallAsync(function)).Status);

        await page.Button("Drain").ClickAsync();
        await page.DialogButton("Drain").ClickAsync();

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("It takes no more calls");
        await Assertions.Expect(page.Page.Locator(".title .tag.bad")).ToHaveTextAsync("draining");
        await Assertions.Expect(page.Button("Drain")).ToHaveAttributeAsync("disabled", "");
        await page.ShootAsync("runner-draining");
        Assert.Equal(503, (await platform.CallAsync(function)).Status);
    }

    [Fact]
    public async Task Runner_EvictAllIdle_EndsThemAndSaysHowMany()
    {
        var function = await dashboard.CreateAsync("evicted");
        var runner = (await dashboard.Platform.CallAsync(function)).Runner;
        await using var page = await dashboard.OpenAsync($"runners/{runner}");
        var pool = page.Page.Locator("li.pool", new PageLocatorOptions { HasText = "test/evicted" });
        await Assertions.Expect(pool.Locator(".cell.idle")).ToHaveCountAsync(1);

        await page.Button("Evict all idle").ClickAsync();

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Status)).ToContainTextAsync(new Regex("[1-9][0-9]* idle containers? (was|were) ended"));
        await Assertions.Expect(pool).ToHaveCountAsync(0);
        Assert.Equal("cold", (await dashboard.Platform.CallAsync(function)).Start);
    }

    [Fact]
    public async Task Keyboard_InvokeAndDialog_NeedNoMouse()
    {
        var function = await dashboard.CreateAsync("by-keyboard");
        await using var page = await dashboard.OpenAsync($"functions/{function}?tab=invoke");
        await page.Field("Body").FocusAsync();
        await page.Page.Keyboard.TypeAsync("typed");
        await page.TabToAsync("Invoke");
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = "Answer" }).Locator("pre")).ToHaveTextAsync("typed");

        await page.GoAsync($"functions/{function}?tab=update");
        var question = page.Text("Delete test/by-keyboard?");
        async Task AnswerAsync(string button)
        {
            await page.Button("Delete the function").FocusAsync();
            await page.Page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(question).ToBeVisibleAsync();
            await page.TabToAsync(button);
            await page.Page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(question).ToBeHiddenAsync();
        }
        await page.Button("Delete the function").FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(question).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(question).ToBeHiddenAsync();
        await AnswerAsync("Cancel");
        await Assertions.Expect(page.Heading("test/by-keyboard")).ToBeVisibleAsync();
        Assert.Equal(200, (await dashboard.Platform.CallAsync(function)).Status);

        await AnswerAsync("Delete");
        await Assertions.Expect(page.Heading("Overview")).ToBeVisibleAsync();
        Assert.Equal(404, (await dashboard.Platform.CallAsync(function)).Status);
    }

    [Fact]
    public async Task Tokens_SignInAndOut_OpenAndCloseTheDashboard()
    {
        Assert.SkipWhen(dashboard.Platform is null, "No browser.");
        await using var platform = await Platform.StartAsync(0, "--Fn:Api:Tokens:0=the-token");
        await using var page = await dashboard.OpenSignInAsync(platform.Gateway.Address, "hot");
        page.Expected.Add("401");
        await page.ShootAsync("sign-in");
        await page.CheckAsync();
        await page.Page.GetByLabel("Token").FillAsync("wrong");
        await page.Button("Sign in").ClickAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("none of this gateway’s");

        await page.Page.GetByLabel("Token").FillAsync("the-token");
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Heading("Hot map")).ToBeVisibleAsync();
        await page.AliveAsync();
        var cookie = Assert.Single(await page.Page.Context.CookiesAsync(), cookie => cookie.Name == "fn-dashboard");
        Assert.Equal((true, SameSiteAttribute.Strict, "/dashboard"), (cookie.HttpOnly, cookie.SameSite, cookie.Path));
        Assert.DoesNotContain("the-token", cookie.Value, StringComparison.Ordinal);

        await page.Button("Sign out").ClickAsync();
        await Assertions.Expect(page.Heading("Sign in to Fn")).ToBeVisibleAsync();
        await page.Page.GotoAsync(new Uri(platform.Gateway.Address, "/dashboard/").AbsoluteUri);
        await Assertions.Expect(page.Heading("Sign in to Fn")).ToBeVisibleAsync();
    }
}
