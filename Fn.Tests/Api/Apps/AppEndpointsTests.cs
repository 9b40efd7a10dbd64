using Xunit;

namespace Fn.Tests.Api.Apps;

public sealed class AppEndpointsTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Zero = "0001-01-01T00:00:00.000Z";

    private readonly RawClient _client = gateway.Client;

    public static TheoryData<string, string> InvalidCreates => new()
    {
        { """{"id":"x","name":""}""", "App ID cannot be supplied on create" },
        { """{"annotations":{"":1}}""", "Missing Name" },
        { """{"name":""}""", "Missing Name" },
        { $$"""{"name":"{{new string('!', 256)}}"}""", "App name must be 255 characters or less" },
        { $$"""{"name":"{{new string('é', 128)}}"}""", "App name must be 255 characters or less" },
        { """{"name":"a b","annotations":{"":1}}""", "Invalid app name" },
        { """{"name":"a/b"}""", "Invalid app name" },
        { """{"name":"a.b"}""", "Invalid app name" },
        { """{"name":"\ud800"}""", "Invalid app name" },
        { """{"name":"a","annotations":{"a b":1},"syslog_url":"yo"}""", "Invalid annotation key, annotation keys must be non-empty ascii strings excluding whitespace" },
        { """{"name":"a","syslog_url":"yo","shape":"ROUND"}""", "invalid syslog url: \"yo\" invalid scheme, only [tcp, udp, unix, unixgram, tcp+tls] are supported" },
        { """{"name":"a","syslog_url":"http://x"}""", "invalid syslog url: \"http://x\" invalid scheme, only [tcp, udp, unix, unixgram, tcp+tls] are supported" },
        { """{"name":"a","syslog_url":"://"}""", "invalid syslog url: \"://\" parse \"://\": missing protocol scheme" },
        { """{"name":"a","syslog_url":"tcp://h:x"}""", "invalid syslog url: \"tcp://h:x\" parse \"tcp://h:x\": invalid port \":x\" after host" },
        { """{"name":"a","syslog_url":"1a:b"}""", "invalid syslog url: \"1a:b\" parse \"1a:b\": first path segment in URL cannot contain colon" },
        { """{"name":"a","shape":"ROUND"}""", "Invalid app shape" },
    };

    [Theory]
    [MemberData(nameof(InvalidCreates))]
    public async Task Create_Invalid_IsRefusedInTheContractsOrder(string body, string message)
    {
        var answer = await _client.PostAsync("/v2/apps", body);
        Assert.Equal((400, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Create_Everything_AnswersFieldsInOrder()
    {
        var answer = await _client.PostAsync("/v2/apps", """
            {"shape":"GENERIC_ARM","syslog_url":"tcp+tls://logs:99","annotations":{"b":{"z":1,"a":[ ]},"a":"<"},"config":{"b":"&","a":""},"name":"all"}
            """);
        Assert.Equal(200, answer.Status);
        Assert.Matches("^[0-9A-HJKMNP-TV-Z]{26}$", answer["id"]);
        Assert.Equal(
            $$$"""{"id":"{{{answer["id"]}}}","name":"all","config":{"a":"","b":"\u0026"},"annotations":{"a":"\u003c","b":{"z":1,"a":[]}},"""
            + """ "syslog_url":"tcp+tls://logs:99","shape":"GENERIC_ARM","created_at":"2026-11-24T02:25:09.891Z","updated_at":"2026-11-24T02:25:09.891Z"}""".TrimStart(),
            answer.Body);
    }

    [Fact]
    public async Task Create_NameOnly_LeavesEmptyFieldsOut()
    {
        var answer = await _client.PostAsync("/v2/apps", """{"name":"bare","config":{},"annotations":null,"syslog_url":null,"shape":""}""");
        Assert.Equal(["id", "name", "created_at", "updated_at"], answer.Json.EnumerateObject().Select(field => field.Name));
        Assert.Equal(answer.Body, (await _client.GetAsync("/v2/apps/" + answer["id"])).Body);
    }

    [Theory]
    [InlineData("letters-and_numbers123")]
    [InlineData("日本語٣Ⅷ")]
    public async Task Create_NameOfAnyScript_IsTaken(string name) => Assert.Equal(name, (await _client.PostAsync("/v2/apps", $$"""{"name":"{{name}}"}"""))["name"]);

    [Fact]
    public async Task Create_LongestName_IsTaken() => Assert.Equal(200, (await _client.PostAsync("/v2/apps", $$"""{"name":"{{new string('n', 255)}}"}""")).Status);

    [Fact]
    public async Task Create_ZeroTimes_AreNotGiven()
    {
        var answer = await _client.PostAsync("/v2/apps", $$"""{"name":"zero","created_at":"{{Zero}}","updated_at":"{{Zero}}"}""");
        Assert.Equal("2026-11-24T02:25:09.891Z", answer["created_at"]);
    }

    [Fact]
    public async Task Create_TakenName_Is409()
    {
        await CreateAsync("""{"name":"taken"}""");
        var answer = await _client.PostAsync("/v2/apps", """{"name":"taken"}""");
        Assert.Equal((409, "App already exists"), (answer.Status, answer.Message));
        Assert.Equal(200, (await _client.PostAsync("/v2/apps", """{"name":"Taken"}""")).Status);
    }

    [Fact]
    public async Task Create_EmptySyslogUrl_IsKeptAsIs() => Assert.Equal("", (await _client.PostAsync("/v2/apps", """{"name":"nosyslog","syslog_url":""}"""))["syslog_url"]);

    [Fact]
    public async Task List_ByName_IsAnExactMatch()
    {
        await CreateAsync("""{"name":"exact"}""");
        await CreateAsync("""{"name":"exact2"}""");
        var items = (await _client.GetAsync("/v2/apps?name=exact")).Json.GetProperty("items");
        Assert.Equal("exact", Assert.Single(items.EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("""{"items":[]}""", (await _client.GetAsync("/v2/apps?name=Exact")).Body);
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData("PUT", "{}")]
    [InlineData("DELETE", null)]
    public async Task ById_Unknown_Is404(string method, string? body)
    {
        var answer = await _client.SendAsync(method, "/v2/apps/no-id-at-all", body);
        Assert.Equal((404, "App not found"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Update_OtherIdInBody_IsRefusedBeforeAnythingElse()
    {
        var answer = await _client.PutAsync("/v2/apps/none", """{"id":"other"}""");
        Assert.Equal((400, "App ID in path does not match ID in body"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Update_OtherName_Is409BeforeTheOtherChecks()
    {
        var id = await CreateAsync("""{"name":"fixed"}""");
        var answer = await _client.PutAsync("/v2/apps/" + id, """{"name":"changed","syslog_url":"yo"}""");
        Assert.Equal((409, "Could not update - name is immutable"), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("""{"annotations":{"a b":1},"syslog_url":"yo"}""", "Invalid annotation key, annotation keys must be non-empty ascii strings excluding whitespace")]
    [InlineData("""{"syslog_url":"yo"}""", "invalid syslog url: \"yo\" invalid scheme, only [tcp, udp, unix, unixgram, tcp+tls] are supported")]
    public async Task Update_Invalid_IsRefusedAndChangesNothing(string body, string message)
    {
        var id = await CreateAsync($$"""{"name":"{{Guid.NewGuid():N}}"}""");
        var before = await _client.GetAsync("/v2/apps/" + id);
        Assert.Equal(message, (await _client.PutAsync("/v2/apps/" + id, body)).Message);
        Assert.Equal(before.Body, (await _client.GetAsync("/v2/apps/" + id)).Body);
    }

    [Fact]
    public async Task Update_PartOfTheFields_IsMergedKeyByKey()
    {
        var id = await CreateAsync("""{"name":"merged","config":{"a":"1","b":"2"},"annotations":{"x":1,"y":2},"syslog_url":"udp://x"}""");
        var answer = await _client.PutAsync("/v2/apps/" + id, """{"config":{"b":"","c":"3"},"annotations":{"x":"","y":null,"z":[]}}""");
        Assert.Equal("""{"a":"1","c":"3"}""", answer.Json.GetProperty("config").GetRawText());
        Assert.Equal("""{"z":[]}""", answer.Json.GetProperty("annotations").GetRawText());
        Assert.Equal("udp://x", answer["syslog_url"]);
        Assert.Equal(answer.Body, (await _client.GetAsync("/v2/apps/" + id)).Body);
    }

    [Fact]
    public async Task Update_EmptySyslogUrl_ClearsIt()
    {
        var id = await CreateAsync("""{"name":"cleared","syslog_url":"udp://x"}""");
        Assert.False((await _client.PutAsync("/v2/apps/" + id, """{"syslog_url":""}""")).Json.TryGetProperty("syslog_url", out _));
    }

    [Fact]
    public async Task Update_Shape_IsIgnored()
    {
        var id = await CreateAsync("""{"name":"shaped","shape":"GENERIC_X86"}""");
        Assert.Equal("GENERIC_X86", (await _client.PutAsync("/v2/apps/" + id, """{"shape":"ROUND"}"""))["shape"]);
    }

    [Fact]
    public async Task Update_OnlyARealChange_MovesUpdatedAt()
    {
        await using var own = await TestGateway.StartedAsync();
        var created = await own.Client.PostAsync("/v2/apps", """{"name":"moving","config":{"a":"1"},"annotations":{"h":"<"},"syslog_url":"udp://x"}""");
        var path = "/v2/apps/" + created["id"];
        own.Time.Advance(TimeSpan.FromSeconds(1));
        // The whole object as it was answered, as the CLI sends it back.
        Assert.Equal(created.Body, (await own.Client.PutAsync(path, created.Body)).Body);
        Assert.Equal(created.Body, (await own.Client.PutAsync(path, "{}")).Body);
        var changed = await own.Client.PutAsync(path, """{"config":{"a":"2"}}""");
        Assert.Equal(("2026-11-24T02:25:09.891Z", "2026-11-24T02:25:10.891Z"), (changed["created_at"], changed["updated_at"]));
    }

    [Fact]
    public async Task Update_AtTheSameTime_LosesNoChange()
    {
        var id = await CreateAsync("""{"name":"crowded"}""");
        var updates = Enumerable.Range(0, 16).Select(i => _client.PutAsync("/v2/apps/" + id, $$$"""{"config":{"k{{{i}}}":"v"}}"""));
        Assert.All(await Task.WhenAll(updates), answer => Assert.Equal(200, answer.Status));
        Assert.Equal(16, (await _client.GetAsync("/v2/apps/" + id)).Json.GetProperty("config").EnumerateObject().Count());
    }

    [Fact]
    public async Task Delete_App_TakesItsFunctionsAndTriggersToo()
    {
        var app = await CreateAsync("""{"name":"doomed"}""");
        var function = (await _client.PostAsync("/v2/fns", $$"""{"app_id":"{{app}}","name":"f","image":"i"}"""))["id"];
        var trigger = (await _client.PostAsync("/v2/triggers", $$"""{"app_id":"{{app}}","fn_id":"{{function}}","name":"t","type":"http","source":"/t"}"""))["id"];
        var answer = await _client.DeleteAsync("/v2/apps/" + app);
        Assert.Equal((204, "", "text/plain; charset=utf-8"), (answer.Status, answer.Body, answer.Header("Content-Type")));
        Assert.Equal("App not found", (await _client.GetAsync("/v2/apps/" + app)).Message);
        Assert.Equal("Fn not found", (await _client.GetAsync("/v2/fns/" + function)).Message);
        Assert.Equal("Trigger not found", (await _client.GetAsync("/v2/triggers/" + trigger)).Message);
    }

    private async Task<string> CreateAsync(string body)
    {
        var answer = await _client.PostAsync("/v2/apps", body);
        Assert.Equal(200, answer.Status);
        return answer["id"]!;
    }
}
