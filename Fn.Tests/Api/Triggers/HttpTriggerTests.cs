using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.Triggers;

/// <summary><c>/t/{app}/{source}</c>: the whole gateway in front of a scripted runner.</summary>
public sealed class HttpTriggerTests : IAsyncLifetime
{
    private readonly ScriptedRunner _runner = new();
    private readonly TestGateway _gateway;
    private string _app = "";
    private string _function = "";

    public HttpTriggerTests() => _gateway = new TestGateway(services => services.AddSingleton<IRunner>(_runner));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RawClient Client => _gateway.Client;

    public async ValueTask InitializeAsync()
    {
        await _gateway.InitializeAsync();
        _app = (await Client.PostAsync("/v2/apps", """{"name":"shop"}"""))["id"]!;
        _function = (await Client.PostAsync("/v2/fns", $$"""{"app_id":"{{_app}}","name":"f","image":"i"}"""))["id"]!;
        await AddAsync("root", "/");
        await AddAsync("deep", "/a/b");
        await AddAsync("odd", "/a b%20c/");
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Theory]
    [InlineData("/t/shop", "/")]
    [InlineData("/t/shop/", "/")]
    [InlineData("/t/shop?x=/a/b", "/")]
    [InlineData("/t/shop/a/b", "/a/b")]
    [InlineData("/t/shop/a%2Fb", "/a/b")]
    [InlineData("/t/shop/%61/b?q", "/a/b")]
    [InlineData("/t/sh%6Fp/a/b", "/a/b")]
    [InlineData("http://HOST/t/shop/a/b?q", "/a/b")]
    [InlineData("/t/shop/a%20b%2520c/", "/a b%20c/")]
    public async Task Call_PathOfATrigger_CallsItsFunction(string target, string source)
    {
        var calling = Client.GetAsync(target.Replace("HOST", Client.Host, StringComparison.Ordinal));
        var call = await _runner.NextCallAsync(Cancel);
        await call.AnswerAsync(source);

        Assert.Equal(_function, call.Offer.Function.FunctionId);
        Assert.Equal((200, source), ((await calling).Status, (await calling).Body));
    }

    [Theory]
    [InlineData("/t/shop/a/b/", 404, "Trigger not found")]
    [InlineData("/t/shop/a", 404, "Trigger not found")]
    [InlineData("/t/shop//a/b", 404, "Trigger not found")]
    [InlineData("/t/shop/a%252Fb", 404, "Trigger not found")]
    [InlineData("/t/shop/A/b", 404, "Trigger not found")]
    [InlineData("/t/none", 404, "App not found")]
    [InlineData("/t/none/a/b", 404, "App not found")]
    [InlineData("/t/SHOP/a/b", 404, "App not found")]
    [InlineData("/t//", 400, "Missing app name")]
    [InlineData("/t//a", 400, "Missing app name")]
    [InlineData("/T/shop", 404, "Path not found: GET /T/shop")]
    public async Task Call_NoTriggerThere_IsRefusedBeforeThereIsACall(string target, int status, string message)
    {
        var answer = await Client.GetAsync(target);

        Assert.Equal((status, message), (answer.Status, answer.Message));
        Assert.Null(answer.Header("Fn-Call-Id"));
        Assert.Equal(0, _runner.Executions);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("DELETE")]
    [InlineData("TRACE")]
    public async Task Call_AnyMethod_IsTold(string method)
    {
        var calling = Client.SendAsync(method, "/t/shop/a/b", null);
        var call = await _runner.NextCallAsync(Cancel);
        await call.AnswerAsync("body", headers: [new("Content-Type", "text/x")]);

        Assert.Equal(method, Assert.Single(ValuesOf(call, "Fn-Http-Method")));
        Assert.Equal((200, method == "HEAD" ? "" : "body"), ((await calling).Status, (await calling).Body));
    }

    [Fact]
    public async Task Call_OtherMethod_Is405()
    {
        var answer = await Client.SendAsync("PROPFIND", "/t/shop/a/b", null);

        Assert.Equal((405, "Method not allowed: PROPFIND /t/shop/a/b"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Call_ClientsHeaders_AreWrapped()
    {
        var calling = Client.PostAsync(
            "/t/shop/a/b?q=%20", "hi", "Content-Type: text/x", "X-One: 1", "X-One: 2", "Fn-Intent: own", "Fn-Http-H-Y: y", "Te: gzip", "Fn-Call-Id: own");
        var call = await _runner.NextCallAsync(Cancel);

        Assert.Equal("hi"u8.ToArray(), await call.ReadBodyAsync(Cancel));
        await call.AnswerAsync("done");
        await calling;
        Assert.Equal(
            [
                new Header("Content-Type", "text/x"),
                new("Fn-Http-H-Content-Length", "2"),
                new("Fn-Http-H-Fn-Call-Id", "own"),
                new("Fn-Http-H-Fn-Http-H-Y", "y"),
                new("Fn-Http-H-Fn-Intent", "own"),
                new("Fn-Http-H-X-One", "1"),
                new("Fn-Http-H-X-One", "2"),
                new("Fn-Http-Method", "POST"),
                new("Fn-Http-Request-Url", $"http://{Client.Host}/t/shop/a/b?q=%20"),
                new("Fn-Intent", "httprequest"),
            ],
            call.Offer.Headers.OrderBy(header => header.Name, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Call_FunctionsHeaders_AreUnwrappedAndTheRestIsDropped()
    {
        var answer = await AnswerAsync(
            200,
            [
                new("Content-Type", "text/x"), new("Fn-Http-H-X-One", "1"), new("fn-http-h-X-Two", "2"), new("X-Three", "3"), new("Fn-Http-H-", "none"),
                new("Fn-Http-H-Content-Length", "99"), new("Fn-Http-H-Connection", "close"), new("Fn-Http-H-Fn-Start", "forged"), new("Fn-Fdk-Version", "x"),
                new("Fn-Http-Status", "201"),
            ]);

        Assert.Equal(201, answer.Status);
        Assert.Equal(("text/x", "1", "2", "4", "hot"), (answer.Header("Content-Type"), answer.Header("X-One"), answer.Header("X-Two"), answer.Header("Content-Length"), answer.Header("Fn-Start")));
        Assert.Equal(26, answer.Header("Fn-Call-Id")!.Length);
        Assert.All(["X-Three", "Fn-Http-Status", "Fn-Fdk-Version", "Fn-Http-H-X-One", "Fn-Http-H-"], name => Assert.Null(answer.Header(name)));
    }

    [Theory]
    [InlineData(200, null, 200)]
    [InlineData(200, "201", 201)]
    [InlineData(200, "500", 500)]
    [InlineData(202, null, 200)]
    [InlineData(200, "0", 200)]
    [InlineData(200, "-1", 200)]
    [InlineData(200, "abc", 200)]
    [InlineData(404, "201", 404)]
    public async Task Call_Status_IsTheFunctionsUnlessTheExchangeWentWrong(int status, string? given, int expected)
    {
        var answer = await AnswerAsync(status, given is null ? [] : [new("Fn-Http-Status", given)]);

        Assert.Equal((expected, "body"), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("99")]
    [InlineData("101")]
    [InlineData("1000")]
    public async Task Call_StatusThatIsNone_Is502(string given)
    {
        var answer = await AnswerAsync(200, [new("Fn-Http-Status", given)]);

        Assert.Equal((502, "invalid function response"), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("text/plainly", null, "text/plainly")]
    [InlineData(null, "text/wrapped", "text/wrapped")]
    [InlineData("text/plainly", "text/wrapped", "text/plainly")]
    [InlineData(null, null, "text/plain; charset=utf-8")]
    public async Task Call_ContentType_IsGivenPlainlyOrWrappedOrGuessed(string? plain, string? wrapped, string expected)
    {
        var headers = new List<Header>();
        if (wrapped is not null)
            headers.Add(new("Fn-Http-H-Content-Type", wrapped));
        if (plain is not null)
            headers.Add(new("Content-Type", plain));

        Assert.Equal(expected, (await AnswerAsync(200, headers)).Header("Content-Type"));
    }

    [Fact]
    public async Task Call_AskingToDetach_WaitsForItsAnswer()
    {
        var calling = Client.PostAsync("/t/shop/a/b", "hi", "Fn-Invoke-Type: detached");
        var call = await _runner.NextCallAsync(Cancel);
        await call.AnswerAsync("done");

        Assert.False(call.Offer.Detached);
        Assert.Equal((200, "done"), ((await calling).Status, (await calling).Body));
    }

    [Fact]
    public async Task Call_FunctionFails_HasTheContractsError()
    {
        var calling = Client.GetAsync("/t/shop/a/b");
        (await _runner.NextCallAsync(Cancel)).Fail(new CallFailure(CallError.FunctionTimedOut));

        Assert.Equal((504, "Timed out"), ((await calling).Status, (await calling).Message));
    }

    [Fact]
    public async Task Call_TriggerWasDeleted_Is404AtOnce()
    {
        var id = await AddAsync("gone", "/gone");
        var calling = Client.GetAsync("/t/shop/gone");
        await (await _runner.NextCallAsync(Cancel)).AnswerAsync("done");
        await calling;

        await Client.DeleteAsync($"/v2/triggers/{id}");

        Assert.Equal((404, "Trigger not found"), ((await Client.GetAsync("/t/shop/gone")).Status, (await Client.GetAsync("/t/shop/gone")).Message));
    }

    private static IEnumerable<string> ValuesOf(ScriptedCall call, string name) => call.Offer.Headers.Where(header => header.Name == name).Select(header => header.Value);

    private async Task<RawAnswer> AnswerAsync(int status, IReadOnlyList<Header> headers)
    {
        var calling = Client.GetAsync("/t/shop/a/b");
        await (await _runner.NextCallAsync(Cancel)).AnswerAsync("body", status, headers);
        return await calling;
    }

    private async Task<string> AddAsync(string name, string source) =>
        (await Client.PostAsync("/v2/triggers", $$"""{"app_id":"{{_app}}","fn_id":"{{_function}}","name":"{{name}}","type":"http","source":"{{source}}"}"""))["id"]!;
}
