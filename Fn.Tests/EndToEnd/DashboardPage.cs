using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>How a page is looked at.</summary>
public enum DashboardLook
{
    Light,
    Dark,
    Phone,
}

/// <summary>A page in a browser of its own. What goes wrong in it is noted, and fails the test when it is closed.</summary>
internal sealed class DashboardPage : IAsyncDisposable
{
    private static readonly string? Screenshots = Environment.GetEnvironmentVariable("FN_SCREENSHOTS");

    private static readonly List<string> Rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

    /// <summary>How long a page may take: milliseconds. Nothing is said by it but that it works; the machine may be busy with other tests.</summary>
    private const float Patience = 30_000;

    private readonly IBrowserContext _context;
    private readonly Uri _root;
    private readonly ConcurrentQueue<string> _problems = new();
    private DashboardLook _look;

    private DashboardPage(IBrowserContext context, IPage page, Uri root) => (_context, Page, _root) = (context, page, root);

    public IPage Page { get; }

    /// <summary>What is expected to go wrong: text of problems that are none.</summary>
    public List<string> Expected { get; } = [];

    public static async Task<DashboardPage> NewAsync(IBrowser browser, Uri root, DashboardLook look)
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(Patience);
        var page = new DashboardPage(context, await context.NewPageAsync(), root);
        await page.LookAsync(look);
        page.Page.Console += (_, message) => page.NoteIf(message.Type == "error", $"console: {message.Text}");
        page.Page.PageError += (_, error) => page.NoteIf(true, $"script: {error}");
        // What a page that is left still wanted is no failure.
        page.Page.RequestFailed += (_, request) => page.NoteIf(request.Failure != "net::ERR_ABORTED", $"request: {request.Url} {request.Failure}");
        page.Page.Response += (_, response) => page.NoteIf(response.Status >= 400, $"answer: {response.Status} {response.Url}");
        return page;
    }

    public async Task LookAsync(DashboardLook look)
    {
        _look = look;
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = look == DashboardLook.Dark ? ColorScheme.Dark : ColorScheme.Light });
        var (width, height) = look == DashboardLook.Phone ? (360, 740) : (1360, 860);
        await Page.SetViewportSizeAsync(width, height);
    }

    /// <summary>Goes to a page and waits until it is alive.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(new Uri(_root, path).AbsoluteUri);
        await AliveAsync();
    }

    /// <summary>Waits until the page's connection stands: what is clicked before is lost.</summary>
    public Task AliveAsync() => Assertions.Expect(Page.Locator("html[data-alive]")).ToBeAttachedAsync();

    public ILocator Text(string text) => Page.GetByText(text, new PageGetByTextOptions { Exact = true });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>The control of a field, by what stands at it.</summary>
    public ILocator Field(string label) => Page.GetByRole(AriaRole.Textbox, new PageGetByRoleOptions { NameRegex = new Regex($"^{Regex.Escape(label)}\\b") }).First;

    /// <summary>A button of the library's own dialog. Its role is known to the browser alone.</summary>
    public ILocator DialogButton(string name) => Page.Locator("fluent-dialog fluent-button", new PageLocatorOptions { HasTextRegex = new Regex($"^\\s*{name}\\s*$") });

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = name });

    /// <summary>Presses Tab until something with this text, and no other, has the focus.</summary>
    public async Task TabToAsync(string text)
    {
        const int most = 20;
        for (var i = 0; i < most; i++)
        {
            if (await Page.EvaluateAsync<string?>("() => document.activeElement?.textContent?.trim()") == text)
                return;
            await Page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"{most} times Tab do not lead to “{text}”.");
    }

    /// <summary>No serious finding of the accessibility rules, and nothing wider than the page. In other colours than light ones, only those are looked at.</summary>
    public async Task CheckAsync()
    {
        if (_look != DashboardLook.Phone)
        {
            var rules = _look == DashboardLook.Light ? new RunOnlyOptions { Type = "tag", Values = Rules } : new RunOnlyOptions { Type = "rule", Values = ["color-contrast"] };
            var found = await Page.RunAxe(new AxeRunOptions { RunOnly = rules, ResultTypes = new HashSet<ResultType> { ResultType.Violations } });
            Assert.Equal([], found.Violations.Where(violation => violation.Impact is "serious" or "critical").Select(Describe));
        }
        Assert.Equal(0, await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
    }

    /// <summary>Writes the page as it is to <c>FN_SCREENSHOTS</c>, when that is set.</summary>
    public async Task ShootAsync(string name)
    {
        if (string.IsNullOrEmpty(Screenshots))
            return;
        Directory.CreateDirectory(Screenshots);
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Screenshots, $"{name}-{_look.ToString().ToLowerInvariant()}.png"), FullPage = true });
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        // A test that has failed already has its own reason.
        if (TestContext.Current.TestState?.Result != TestResult.Failed)
            Assert.Equal([], _problems.Where(problem => !Expected.Exists(part => problem.Contains(part, StringComparison.Ordinal))));
    }

    private void NoteIf(bool isProblem, string text)
    {
        if (isProblem)
            _problems.Enqueue(text);
    }

    private static string Describe(AxeResultItem violation) =>
        $"{violation.Id}: {violation.Help}\n{string.Join('\n', violation.Nodes.Take(4).Select(node => $"{node.Html} {string.Join(' ', node.Any.Select(check => check.Message))}"))}";
}
