using System.Text.Json;
using Xunit;

namespace Fn.Tests.Api.Triggers;

public sealed class TriggerEndpointsTests(TestGateway gateway) : IClassFixture<TestGateway>, IAsyncLifetime
{
    private readonly RawClient _client = gateway.Client;
    private string _appName = "";
    private string _app = "";
    private string _function = "";

    public static TheoryData<string, int, string> InvalidCreates => new()
    {
        { """{"name":1}""", 400, "Invalid JSON" },
        { """{"id":"x","created_at":"2026-01-01T00:00:00Z"}""", 400, "ID cannot be provided for Trigger creation" },
        { """{"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}""", 400, "Trigger Created At Provided for Create" },
        { """{"updated_at":"2026-01-01T00:00:00Z"}""", 400, "Trigger ID Provided for Create" },
        { """{"created_at":"0001-01-01T00:00:00.000Z","updated_at":"0001-01-01T00:00:00.000Z"}""", 400, "Missing App ID on Trigger" },
        { """{"app_id":"none"}""", 400, "Missing name on Trigger" },
        { $$"""{"app_id":"none","name":"{{new string('/', 256)}}"}""", 400, "Trigger name must be 255 characters or less" },
        { """{"app_id":"none","name":"a b"}""", 400, "Invalid name for Trigger" },
        { """{"app_id":"none","name":"t","type":"cron"}""", 400, "Missing Fn ID on Trigger" },
        { """{"app_id":"none","name":"t","fn_id":"none"}""", 400, "Trigger Type Not Supported" },
        { """{"app_id":"none","name":"t","fn_id":"none","type":"HTTP"}""", 400, "Trigger Type Not Supported" },
        { """{"app_id":"none","name":"t","fn_id":"none","type":"http"}""", 400, "Missing Trigger Source" },
        { """{"app_id":"none","name":"t","fn_id":"none","type":"http","source":"s","annotations":{"":1}}""", 400, "Missing Trigger Source Prefix '/'" },
        { """{"app_id":"none","name":"t","fn_id":"none","type":"http","source":"/s","annotations":{"":1}}""", 400, "Invalid annotation key, annotation keys must be non-empty ascii strings excluding whitespace" },
        { """{"app_id":"none","name":"t","fn_id":"none","type":"http","source":"/s"}""", 404, "App not found" },
        { """{"app_id":"APP","name":"t","fn_id":"none","type":"http","source":"/s"}""", 404, "Fn not found" },
    };

    public async ValueTask InitializeAsync()
    {
        _appName = Guid.NewGuid().ToString("N");
        _app = (await _client.PostAsync("/v2/apps", $$"""{"name":"{{_appName}}"}"""))["id"]!;
        _function = await CreateFunctionAsync("f");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(InvalidCreates))]
    public async Task Create_Invalid_IsRefusedInTheContractsOrder(string body, int status, string message)
    {
        var answer = await PostAsync(body);
        Assert.Equal((status, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Create_FunctionOfAnotherApp_Is400()
    {
        var (otherApp, otherFunction) = (_app, _function);
        await InitializeAsync();
        Assert.NotEqual(otherApp, _app);
        var answer = await PostAsync($$"""{"app_id":"APP","name":"t","fn_id":"{{otherFunction}}","type":"http","source":"/s"}""");
        Assert.Equal((400, "Invalid Fn ID - not owned by specified app"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Create_Trigger_AnswersFieldsInOrder()
    {
        var answer = await PostAsync("""{"app_id":"APP","name":"t","fn_id":"FN","type":"http","source":"/s/deep","annotations":{"a":true}}""");
        Assert.Equal(
            $$$"""{"id":"{{{answer["id"]}}}","name":"t","app_id":"{{{_app}}}","fn_id":"{{{_function}}}","created_at":"2026-11-24T02:25:09.891Z",""" +
            """ "updated_at":"2026-11-24T02:25:09.891Z","type":"http","source":"/s/deep",""".TrimStart() +
            $$$""" "annotations":{"a":true,"fnproject.io/trigger/httpEndpoint":"http://{{{_client.Host}}}/t/{{{_appName}}}/s/deep"}}""".TrimStart(),
            answer.Body);
        Assert.Equal(answer.Body, (await _client.GetAsync("/v2/triggers/" + answer["id"])).Body);
    }

    [Fact]
    public async Task Create_TakenSource_Is409BeforeTakenName()
    {
        await CreateAsync("t", "/s");
        var source = await PostAsync("""{"app_id":"APP","name":"t","fn_id":"FN","type":"http","source":"/s"}""");
        Assert.Equal((409, "Trigger with the same type and source exists on this app"), (source.Status, source.Message));
        var name = await PostAsync("""{"app_id":"APP","name":"t","fn_id":"FN","type":"http","source":"/other"}""");
        Assert.Equal((409, "Trigger already exists"), (name.Status, name.Message));
        _function = await CreateFunctionAsync("g");
        await CreateAsync("t", "/other");
    }

    [Fact]
    public async Task List_WithoutApp_Is400Once()
    {
        var answer = await _client.GetAsync("/v2/triggers?fn_id=x");
        Assert.Equal((400, "{\"message\":\"Missing App ID on Trigger\"}\n"), (answer.Status, answer.Body));
        Assert.Equal("""{"items":[]}""", (await _client.GetAsync("/v2/triggers?app_id=none")).Body);
    }

    [Fact]
    public async Task List_OneNameOnManyFunctions_IsPagedWithoutLoss()
    {
        for (var i = 0; i < 5; i++)
        {
            _function = await CreateFunctionAsync($"g{i}");
            await CreateAsync("same", $"/{i}");
        }
        await CreateAsync("tail", "/tail");
        var (sources, cursor) = (new List<string?>(), "");
        while (cursor is not null)
        {
            var page = (await _client.GetAsync($"/v2/triggers?app_id={_app}&per_page=2&cursor={cursor}")).Json;
            sources.AddRange(page.GetProperty("items").EnumerateArray().Select(trigger => trigger.GetProperty("source").GetString()));
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        Assert.Equal(["/0", "/1", "/2", "/3", "/4", "/tail"], sources);
    }

    [Fact]
    public async Task Create_LongestSource_IsTakenAndOneByteMoreIsNot()
    {
        await CreateAsync("t", "/" + new string('s', 2047));
        var answer = await PostAsync($$"""{"app_id":"APP","name":"u","fn_id":"FN","type":"http","source":"/{{new string('s', 2048)}}"}""");
        Assert.Equal((400, "Trigger source must be 2048 bytes or less"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task List_Filters_AreAnded()
    {
        var first = _function;
        await CreateAsync("a", "/a");
        await CreateAsync("b", "/b");
        _function = await CreateFunctionAsync("g");
        await CreateAsync("a", "/c");
        Assert.Equal(["/a", "/c", "/b"], await SourcesAsync(""));
        Assert.Equal(["/a", "/b"], await SourcesAsync("&fn_id=" + first));
        Assert.Equal(["/a", "/c"], await SourcesAsync("&name=a"));
        Assert.Equal(["/c"], await SourcesAsync($"&name=a&fn_id={_function}"));
        var item = (await _client.GetAsync($"/v2/triggers?app_id={_app}&name=b")).Json.GetProperty("items")[0];
        Assert.Equal($"http://{_client.Host}/t/{_appName}/b", Endpoint(item));
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData("PUT", "{}")]
    [InlineData("DELETE", null)]
    public async Task ById_Unknown_Is404(string method, string? body)
    {
        var answer = await _client.SendAsync(method, "/v2/triggers/none", body);
        Assert.Equal((404, "Trigger not found"), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("http//s/deep")]
    [InlineData("http/%2Fs%2fdeep")]
    public async Task BySource_Found_HasNoEndpoint(string rest)
    {
        await CreateAsync("t", "/s/deep");
        var answer = await _client.GetAsync($"/v2/runner/apps/{_app}/triggerBySource/{rest}");
        Assert.Equal((200, "/s/deep"), (answer.Status, answer["source"]));
        Assert.False(answer.Json.TryGetProperty("annotations", out _));
    }

    [Theory]
    [InlineData("http//s/deep/")]
    [InlineData("cron//s/deep")]
    [InlineData("http/s/deep")]
    [InlineData("http/")]
    public async Task BySource_NotExactly_Is404(string rest)
    {
        await CreateAsync("t", "/s/deep");
        Assert.Equal("Trigger not found", (await _client.GetAsync($"/v2/runner/apps/{_app}/triggerBySource/{rest}")).Message);
    }

    [Fact]
    public async Task Update_NameFunctionSourceAndAnnotations_Change()
    {
        var id = await CreateAsync("t", "/s");
        var function = await CreateFunctionAsync("g");
        var answer = await _client.PutAsync("/v2/triggers/" + id, $$"""{"name":"u","fn_id":"{{function}}","source":"/u","annotations":{"a":1},"type":"cron","app_id":"other"}""");
        Assert.Equal((200, "u", function, "/u", "http", _app), (answer.Status, answer["name"], answer["fn_id"], answer["source"], answer["type"], answer["app_id"]));
        Assert.Equal("""{"a":1}""", answer.Json.GetProperty("annotations").GetRawText());
    }

    [Theory]
    [InlineData("""{"id":"other"}""", 400, "ID in path does not match ID in body")]
    [InlineData("""{"name":"a b"}""", 400, "Invalid name for Trigger")]
    [InlineData("""{"source":"s"}""", 400, "Missing Trigger Source Prefix '/'")]
    [InlineData("""{"annotations":{" ":1}}""", 400, "Invalid annotation key, annotation keys must be non-empty ascii strings excluding whitespace")]
    [InlineData("""{"fn_id":"none"}""", 404, "Fn not found")]
    [InlineData("""{"name":"taken"}""", 409, "Trigger already exists")]
    [InlineData("""{"source":"/taken"}""", 409, "Trigger with the same type and source exists on this app")]
    public async Task Update_Invalid_IsRefused(string body, int status, string message)
    {
        await CreateAsync("taken", "/taken");
        var id = await CreateAsync("t", "/s");
        var answer = await _client.PutAsync("/v2/triggers/" + id, body);
        Assert.Equal((status, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Update_WholeObjectSentBack_ChangesNothingAndStoresNoEndpoint()
    {
        var id = await CreateAsync("t", "/s");
        var path = "/v2/triggers/" + id;
        var read = await _client.GetAsync(path);
        var answer = await _client.PutAsync(path, read.Body);
        Assert.Equal(200, answer.Status);
        Assert.False(answer.Json.TryGetProperty("annotations", out _));
        Assert.Equal(read.Body, (await _client.GetAsync(path)).Body);
    }

    [Fact]
    public async Task HttpEndpoint_Base_IsTheHostAskedOrThePublicUrl()
    {
        const string key = "fnproject.io/trigger/httpEndpoint";
        var id = await CreateAsync("t", "/s");
        var asked = await _client.GetAsync("/v2/triggers/" + id, "Host: fn.example:81");
        Assert.Equal($"http://fn.example:81/t/{_appName}/s", asked.Json.GetProperty("annotations").GetProperty(key).GetString());
        await using var own = await TestGateway.StartedAsync("--Fn:Api:PublicUrl=https://public.example/base/");
        var app = (await own.Client.PostAsync("/v2/apps", """{"name":"shop"}"""))["id"];
        var function = (await own.Client.PostAsync("/v2/fns", $$"""{"app_id":"{{app}}","name":"f","image":"i"}"""))["id"];
        var body = $$$"""{"app_id":"{{{app}}}","fn_id":"{{{function}}}","name":"t","type":"http","source":"/a/b","annotations":{"{{{key}}}":"stored"}}""";
        var trigger = await own.Client.PostAsync("/v2/triggers", body);
        foreach (var answer in new[] { trigger, await own.Client.GetAsync("/v2/triggers/" + trigger["id"]) })
            Assert.Equal("https://public.example/base/t/shop/a/b", answer.Json.GetProperty("annotations").GetProperty(key).GetString());
    }

    [Fact]
    public async Task Delete_Trigger_FreesItsSource()
    {
        var id = await CreateAsync("t", "/s");
        Assert.Equal(204, (await _client.DeleteAsync("/v2/triggers/" + id)).Status);
        Assert.Equal("Trigger not found", (await _client.GetAsync("/v2/triggers/" + id)).Message);
        await CreateAsync("t", "/s");
    }

    private static string? Endpoint(JsonElement trigger) =>
        trigger.GetProperty("annotations").GetProperty("fnproject.io/trigger/httpEndpoint").GetString();

    private async Task<IEnumerable<string?>> SourcesAsync(string query) =>
        (await _client.GetAsync($"/v2/triggers?app_id={_app}{query}")).Json.GetProperty("items").EnumerateArray()
            .Select(trigger => trigger.GetProperty("source").GetString());

    private Task<RawAnswer> PostAsync(string body) => _client.PostAsync(
        "/v2/triggers",
        body.Replace("\"APP\"", $"\"{_app}\"", StringComparison.Ordinal).Replace("\"FN\"", $"\"{_function}\"", StringComparison.Ordinal));

    private async Task<string> CreateAsync(string name, string source)
    {
        var answer = await PostAsync($$"""{"app_id":"APP","name":"{{name}}","fn_id":"FN","type":"http","source":"{{source}}"}""");
        Assert.Equal(200, answer.Status);
        return answer["id"]!;
    }

    private async Task<string> CreateFunctionAsync(string name) =>
        (await _client.PostAsync("/v2/fns", $$"""{"app_id":"{{_app}}","name":"{{name}}","image":"i"}"""))["id"]!;
}
