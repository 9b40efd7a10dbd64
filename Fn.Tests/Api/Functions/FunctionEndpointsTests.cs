using System.Text.Json;
using Xunit;

namespace Fn.Tests.Api.Functions;

public sealed class FunctionEndpointsTests(TestGateway gateway) : IClassFixture<TestGateway>, IAsyncLifetime
{
    private readonly RawClient _client = gateway.Client;
    private string _app = "";

    public static TheoryData<string, string> InvalidCreates => new()
    {
        { """{"memory":-1}""", "Invalid JSON" },
        { """{"id":"x"}""", "ID cannot be provided for Fn creation" },
        { """{"name":"","image":""}""", "Missing AppID on Fn" },
        { """{"app_id":"APP","image":""}""", "Missing Fn name" },
        { $$"""{"app_id":"APP","name":"{{new string('/', 256)}}"}""", "Fn name must be 255 characters or less" },
        { """{"app_id":"APP","name":"a b"}""", "name must be a valid string" },
        { """{"app_id":"APP","name":"a/b"}""", "name must be a valid string" },
        { """{"app_id":"APP","name":"a%20b"}""", "name must be a valid string" },
        { """{"app_id":"APP","name":"a?"}""", "name must be a valid string" },
        { """{"app_id":"APP","name":"é"}""", "name must be a valid string" },
        { """{"app_id":"APP","name":"f","timeout":-1}""", "Missing image on Fn" },
        { """{"app_id":"APP","name":"f","image":"i","format":"json","timeout":-1}""", "Invalid format on Fn" },
        { """{"app_id":"APP","name":"f","image":"i","annotations":{"fn.format":5}}""", "Invalid format on Fn" },
        { """{"app_id":"APP","name":"f","image":"i","annotations":{"fn.format":"HTTP"}}""", "Invalid format on Fn" },
        { """{"app_id":"APP","name":"f","image":"i","timeout":-1,"idle_timeout":-1}""", "timeout value is out of range, must be between 0 and 300" },
        { """{"app_id":"APP","name":"f","image":"i","timeout":301}""", "timeout value is out of range, must be between 0 and 300" },
        { """{"app_id":"APP","name":"f","image":"i","idle_timeout":-1,"memory":9000}""", "idle_timeout value is out of range, must be between 0 and 3600" },
        { """{"app_id":"APP","name":"f","image":"i","idle_timeout":3601}""", "idle_timeout value is out of range, must be between 0 and 3600" },
        { """{"app_id":"APP","name":"f","image":"i","memory":8193,"annotations":{"":1}}""", "memory value is out of range. It should be between 0 and 8192" },
        { """{"app_id":"APP","name":"f","image":"i","min_hot":"2"}""", "Invalid JSON" },
        { """{"app_id":"APP","name":"f","image":"i","min_hot":-1}""", "min_hot value is out of range, must be between 0 and 1000" },
        { """{"app_id":"APP","name":"f","image":"i","min_hot":1001}""", "min_hot value is out of range, must be between 0 and 1000" },
        { """{"app_id":"APP","name":"f","image":"i","annotations":{"fn.min_hot":1.5}}""", "min_hot value is out of range, must be between 0 and 1000" },
        { """{"app_id":"APP","name":"f","image":"i","annotations":{"fn.min_hot":"2"}}""", "min_hot value is out of range, must be between 0 and 1000" },
        { """{"app_id":"APP","name":"f","image":"i","min_hot":3,"annotations":{"fn.max_containers":2}}""", "min_hot value is out of range, must not be more than fn.max_containers" },
        { """{"app_id":"APP","name":"f","image":"i","min_hot":1,"format":"default"}""", "min_hot is for the formats http and http-stream, whose containers serve more than one call" },
        { """{"app_id":"APP","name":"f","image":"i","annotations":{"fn.warm_update":"no"}}""", "fn.warm_update must be true or false" },
        { """{"app_id":"none","name":"f","image":"i","annotations":{"":1}}""", "Invalid annotation key, annotation keys must be non-empty ascii strings excluding whitespace" },
    };

    public async ValueTask InitializeAsync() => _app = (await _client.PostAsync("/v2/apps", $$"""{"name":"{{Guid.NewGuid():N}}","shape":"GENERIC_X86"}"""))["id"]!;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(InvalidCreates))]
    public async Task Create_Invalid_IsRefusedInTheContractsOrder(string body, string message)
    {
        var answer = await PostAsync(body);
        Assert.Equal((400, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Create_UnknownApp_Is404()
    {
        var answer = await PostAsync("""{"app_id":"none","name":"f","image":"i"}""");
        Assert.Equal((404, "App not found"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Create_TakenName_Is409InThisAppOnly()
    {
        await CreateAsync("""{"app_id":"APP","name":"f","image":"i"}""");
        var answer = await PostAsync("""{"app_id":"APP","name":"f","image":"i"}""");
        Assert.Equal((409, "Fn with specified name already exists"), (answer.Status, answer.Message));
        await InitializeAsync();
        await CreateAsync("""{"app_id":"APP","name":"f","image":"i"}""");
    }

    [Fact]
    public async Task Create_LeastFields_AnswersDefaultsInOrder()
    {
        var answer = await PostAsync("""{"app_id":"APP","name":"f:1","image":"any thing","type":"sync","shape":"ignored","timeout":0}""");
        var id = answer["id"];
        Assert.Equal(
            $$$"""{"id":"{{{id}}}","name":"f:1","app_id":"{{{_app}}}","image":"any thing","memory":128,"timeout":30,"idle_timeout":30,"config":{},"""
            + $$$""" "annotations":{"fnproject.io/fn/invokeEndpoint":"http://{{{_client.Host}}}/invoke/{{{id}}}"},"created_at":"2026-11-24T02:25:09.891Z",""".TrimStart()
            + """ "shape":"GENERIC_X86","updated_at":"2026-11-24T02:25:09.891Z"}""".TrimStart(),
            answer.Body);
    }

    [Fact]
    public async Task Create_LargestValues_AreTaken()
    {
        var answer = await PostAsync($$"""{"app_id":"APP","name":"{{new string('n', 255)}}","image":"i","memory":8192,"timeout":300,"idle_timeout":3600}""");
        Assert.Equal((8192, 300, 3600), (Int(answer, "memory"), Int(answer, "timeout"), Int(answer, "idle_timeout")));
    }

    [Fact]
    public async Task Config_Empty_IsObjectAfterAWriteAndNullInARead()
    {
        var path = "/v2/fns/" + await CreateAsync("""{"app_id":"APP","name":"f","image":"i"}""");
        Assert.Equal("null", (await _client.GetAsync(path)).Json.GetProperty("config").GetRawText());
        Assert.Contains("\"config\":null,", (await _client.GetAsync("/v2/fns?app_id=" + _app)).Body, StringComparison.Ordinal);
        Assert.Equal("{}", (await _client.PutAsync(path, "{}")).Json.GetProperty("config").GetRawText());
        Assert.Equal("""{"a":"1"}""", (await _client.PutAsync(path, """{"config":{"a":"1"}}""")).Json.GetProperty("config").GetRawText());
        Assert.Equal("""{"a":"1"}""", (await _client.GetAsync(path)).Json.GetProperty("config").GetRawText());
    }

    [Fact]
    public async Task Config_EmptyValue_IsKeptOnCreateAndDeletedOnUpdate()
    {
        var answer = await PostAsync("""{"app_id":"APP","name":"f","image":"i","config":{"a":"","b":"2"}}""");
        Assert.Equal("""{"a":"","b":"2"}""", answer.Json.GetProperty("config").GetRawText());
        answer = await _client.PutAsync("/v2/fns/" + answer["id"], """{"config":{"b":""}}""");
        Assert.Equal("""{"a":""}""", answer.Json.GetProperty("config").GetRawText());
    }

    [Fact]
    public async Task List_WithoutApp_Is400()
    {
        var answer = await _client.GetAsync("/v2/fns?app_id=");
        Assert.Equal((400, "Missing AppID on Fn"), (answer.Status, answer.Message));
        Assert.Equal("""{"items":[]}""", (await _client.GetAsync("/v2/fns?app_id=none")).Body);
    }

    [Fact]
    public async Task List_OfAnApp_IsOrderedByBytesAndFilteredByName()
    {
        foreach (var name in new[] { "b", "B", "a" })
            await CreateAsync($$"""{"app_id":"APP","name":"{{name}}","image":"i"}""");
        var all = (await _client.GetAsync("/v2/fns?app_id=" + _app)).Json.GetProperty("items").EnumerateArray();
        Assert.Equal(["B", "a", "b"], all.Select(function => function.GetProperty("name").GetString()));
        var one = Assert.Single((await _client.GetAsync($"/v2/fns?app_id={_app}&name=a")).Json.GetProperty("items").EnumerateArray());
        Assert.EndsWith("/invoke/" + one.GetProperty("id").GetString(), Endpoint(one), StringComparison.Ordinal);
        Assert.Equal("YQ", (await _client.GetAsync($"/v2/fns?app_id={_app}&per_page=2"))["next_cursor"]);
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData("PUT", "{}")]
    [InlineData("DELETE", null)]
    public async Task ById_Unknown_Is404(string method, string? body)
    {
        var answer = await _client.SendAsync(method, "/v2/fns/none", body);
        Assert.Equal((404, "Fn not found"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Update_OtherIdInBody_IsRefusedAndChangesNeither()
    {
        var other = await CreateAsync("""{"app_id":"APP","name":"other","image":"i"}""");
        var answer = await _client.PutAsync("/v2/fns/none", $$"""{"id":"{{other}}","image":"changed"}""");
        Assert.Equal((400, "{\"message\":\"Fn ID in path does not match that in body\"}\n"), (answer.Status, answer.Body));
        Assert.Equal("i", (await _client.GetAsync("/v2/fns/" + other))["image"]);
    }

    [Theory]
    [InlineData("""{"timeout":-1,"idle_timeout":-1}""", "timeout value is out of range, must be between 0 and 300")]
    [InlineData("""{"idle_timeout":3601,"memory":8193}""", "idle_timeout value is out of range, must be between 0 and 3600")]
    [InlineData("""{"memory":8193,"annotations":{" ":1}}""", "memory value is out of range. It should be between 0 and 8192")]
    [InlineData("""{"annotations":{" ":1}}""", "Invalid annotation key, annotation keys must be non-empty ascii strings excluding whitespace")]
    [InlineData("""{"format":"cloudevent"}""", "Invalid format on Fn")]
    [InlineData("""{"memory":-1}""", "Invalid JSON")]
    public async Task Update_Invalid_IsRefused(string body, string message)
    {
        var id = await CreateAsync("""{"app_id":"APP","name":"f","image":"i"}""");
        var answer = await _client.PutAsync("/v2/fns/" + id, body);
        Assert.Equal((400, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Update_AbsentZeroAndEmpty_StayAsTheyWere()
    {
        var created = await PostAsync("""{"app_id":"APP","name":"f","image":"i","memory":256,"timeout":5,"idle_timeout":6,"config":{"a":"1"},"annotations":{"x":1}}""");
        var answer = await _client.PutAsync("/v2/fns/" + created["id"], """{"name":"other","app_id":"other","image":"","memory":0,"timeout":0,"idle_timeout":0,"config":{},"annotations":{}}""");
        Assert.Equal(
            ("f", _app, "i", 256, 5, 6),
            (answer["name"], answer["app_id"], answer["image"], Int(answer, "memory"), Int(answer, "timeout"), Int(answer, "idle_timeout")));
        Assert.Equal("""{"x":1}""", answer.Json.GetProperty("annotations").GetRawText());
        Assert.Equal(created["updated_at"], answer["updated_at"]);
    }

    [Fact]
    public async Task Update_Change_MovesUpdatedAtOnly()
    {
        await using var own = await TestGateway.StartedAsync();
        var app = (await own.Client.PostAsync("/v2/apps", """{"name":"a"}"""))["id"];
        var created = await own.Client.PostAsync("/v2/fns", $$"""{"app_id":"{{app}}","name":"f","image":"i"}""");
        own.Time.Advance(TimeSpan.FromSeconds(1));
        var path = "/v2/fns/" + created["id"];
        Assert.Equal(created["updated_at"], (await own.Client.PutAsync(path, created.Body))["updated_at"]);
        var answer = await own.Client.PutAsync(path, """{"memory":64}""");
        Assert.Equal(("2026-11-24T02:25:09.891Z", "2026-11-24T02:25:10.891Z"), (answer["created_at"], answer["updated_at"]));
    }

    [Fact]
    public async Task Delete_Function_TakesItsTriggersToo()
    {
        var id = await CreateAsync("""{"app_id":"APP","name":"f","image":"i"}""");
        var trigger = (await _client.PostAsync("/v2/triggers", $$"""{"app_id":"{{_app}}","fn_id":"{{id}}","name":"t","type":"http","source":"/t"}"""))["id"];
        Assert.Equal(204, (await _client.DeleteAsync("/v2/fns/" + id)).Status);
        Assert.Equal("Fn not found", (await _client.GetAsync("/v2/fns/" + id)).Message);
        Assert.Equal("Trigger not found", (await _client.GetAsync("/v2/triggers/" + trigger)).Message);
    }

    [Fact]
    public async Task InvokeEndpoint_SentBack_NeverWins()
    {
        var created = await PostAsync("""{"app_id":"APP","name":"f","image":"i","annotations":{"fnproject.io/fn/invokeEndpoint":"http://evil/","mine":1}}""");
        var path = "/v2/fns/" + created["id"];
        Assert.Equal($"http://{_client.Host}/invoke/{created["id"]}", Endpoint(created.Json));
        var updated = await _client.PutAsync(path, """{"annotations":{"fnproject.io/fn/invokeEndpoint":"http://evil/"}}""");
        Assert.Equal("""{"mine":1}""", updated.Json.GetProperty("annotations").GetRawText());
        Assert.Equal($"http://{_client.Host}/invoke/{created["id"]}", Endpoint((await _client.GetAsync(path)).Json));
    }

    [Fact]
    public async Task Update_NameAndAppOfTheFunction_AreIgnored()
    {
        var path = "/v2/fns/" + await CreateAsync("""{"app_id":"APP","name":"kept","image":"i"}""");
        var answer = await _client.PutAsync(path, """{"name":"other name!","app_id":"no app at all","image":"j"}""");
        Assert.Equal((200, "kept", _app, "j"), (answer.Status, answer["name"], answer["app_id"], answer["image"]));
        var read = await _client.GetAsync(path);
        Assert.Equal(("kept", _app), (read["name"], read["app_id"]));
    }

    [Theory]
    [InlineData("GENERIC_ARM")]
    [InlineData("")]
    public async Task Create_Shape_IsTheAppsWhateverIsSent(string shape)
    {
        var app = (await _client.PostAsync("/v2/apps", $$"""{"name":"{{Guid.NewGuid():N}}","shape":"{{shape}}"}"""))["id"];
        var answer = await _client.PostAsync("/v2/fns", $$"""{"app_id":"{{app}}","name":"f","image":"i","shape":"GENERIC_X86_ARM"}""");
        Assert.Equal(200, answer.Status);
        Assert.Equal(shape, answer.Json.TryGetProperty("shape", out var found) ? found.GetString() : "");
        Assert.Equal(answer.Json.TryGetProperty("shape", out _), (await _client.PutAsync("/v2/fns/" + answer["id"], """{"shape":"GENERIC_X86"}""")).Json.TryGetProperty("shape", out _));
    }

    [Fact]
    public async Task InvokeEndpoint_Base_IsTheHostAskedOrThePublicUrl()
    {
        var id = await CreateAsync("""{"app_id":"APP","name":"f","image":"i"}""");
        Assert.Equal($"http://fn.example:81/invoke/{id}", Endpoint((await _client.GetAsync("/v2/fns/" + id, "Host: fn.example:81")).Json));
        await using var own = await TestGateway.StartedAsync("--Fn:Api:PublicUrl=https://public.example/base/");
        var app = (await own.Client.PostAsync("/v2/apps", """{"name":"a"}"""))["id"];
        var function = await own.Client.PostAsync("/v2/fns", $$"""{"app_id":"{{app}}","name":"f","image":"i"}""");
        Assert.Equal($"https://public.example/base/invoke/{function["id"]}", Endpoint(function.Json));
    }

    [Theory]
    [InlineData("calls/c")]
    [InlineData("calls/c/log")]
    public async Task Calls_OldPaths_Are410WithoutBody(string path)
    {
        var answer = await _client.GetAsync("/v2/fns/any/" + path);
        Assert.Equal((410, "", "0", null), (answer.Status, answer.Body, answer.Header("Content-Length"), answer.Header("Content-Type")));
    }

    [Fact]
    public async Task Config_ValueOver128KiB_IsKept()
    {
        var value = new string('v', 200_000);
        var id = await CreateAsync($$$"""{"app_id":"APP","name":"f","image":"i","config":{"BIG":"{{{value}}}"}}""");
        Assert.Equal(value, (await _client.GetAsync("/v2/fns/" + id)).Json.GetProperty("config").GetProperty("BIG").GetString());
    }

    [Theory]
    [InlineData("""{"format":"http"}""", "http")]
    [InlineData("""{"format":"default"}""", "default")]
    [InlineData("""{"format":"http-stream"}""", null)]
    [InlineData("""{"format":""}""", null)]
    [InlineData("""{"annotations":{"fn.format":"http"}}""", "http")]
    [InlineData("""{"annotations":{"fn.format":"h\u0074tp"}}""", "http")]
    [InlineData("""{"format":"default","annotations":{"fn.format":"http"}}""", "default")]
    public async Task Format_OnCreate_ComesFromFieldOrAnnotation(string fields, string? expected)
    {
        var answer = await PostAsync("""{"app_id":"APP","name":"f","image":"i",""" + fields[1..]);
        Assert.Equal(expected, Format(answer));
        Assert.Equal(expected, Format(await _client.GetAsync("/v2/fns/" + answer["id"])));
    }

    [Fact]
    public async Task Format_OnUpdate_IsWhicheverOfTheTwoChanged()
    {
        var path = "/v2/fns/" + await CreateAsync("""{"app_id":"APP","name":"f","image":"i","annotations":{"fn.format":"http"}}""");
        Assert.Equal("http", Format(await _client.PutAsync(path, """{"image":"j"}""")));
        Assert.Equal("default", Format(await _client.PutAsync(path, """{"format":"http","annotations":{"fn.format":"default"}}""")));
        var answer = await _client.PutAsync(path, """{"format":"http","annotations":{"fn.format":"default"}}""");
        Assert.Equal(("http", """{"fn.format":"http"}"""), (Format(answer), answer.Json.GetProperty("annotations").GetRawText()));
        Assert.Null(Format(await _client.PutAsync(path, """{"annotations":{"fn.format":""}}""")));
    }

    [Fact]
    public async Task MinHot_OnUpdate_IsWhicheverOfTheTwoChanged()
    {
        // There is no such image, so nothing comes of keeping its containers.
        var path = "/v2/fns/" + await CreateAsync("""{"app_id":"APP","name":"f","image":"i","min_hot":2}""");
        Assert.Equal((2, "2"), MinHot(await _client.GetAsync(path)));
        Assert.Equal((2, "2"), MinHot(await _client.PutAsync(path, """{"image":"j"}""")));
        Assert.Equal((2, "2"), MinHot(await _client.PutAsync(path, """{"min_hot":null}""")));
        Assert.Equal((3, "3"), MinHot(await _client.PutAsync(path, """{"min_hot":2,"annotations":{"fn.min_hot":3}}""")));
        Assert.Equal((4, "4"), MinHot(await _client.PutAsync(path, """{"min_hot":4,"annotations":{"fn.min_hot":3}}""")));
        Assert.Equal((null, null), MinHot(await _client.PutAsync(path, """{"min_hot":0}""")));
        Assert.Equal((1, "1"), MinHot(await _client.PutAsync(path, """{"annotations":{"fn.min_hot":1}}""")));
        Assert.Equal(400, (await _client.PutAsync(path, """{"format":"default"}""")).Status);
        Assert.Equal((null, null), MinHot(await _client.PutAsync(path, """{"annotations":{"fn.min_hot":""}}""")));
    }

    private static (int? Field, string? Annotation) MinHot(RawAnswer answer)
    {
        Assert.Equal(200, answer.Status);
        return (answer.Json.TryGetProperty("min_hot", out var count) ? count.GetInt32() : null,
            answer.Json.TryGetProperty("annotations", out var annotations) && annotations.TryGetProperty("fn.min_hot", out var annotation) ? annotation.GetRawText() : null);
    }

    private static string? Format(RawAnswer answer)
    {
        Assert.Equal(200, answer.Status);
        return answer.Json.TryGetProperty("format", out var format) ? format.GetString() : null;
    }

    private static string? Endpoint(JsonElement function) =>
        function.GetProperty("annotations").GetProperty("fnproject.io/fn/invokeEndpoint").GetString();

    private static int Int(RawAnswer answer, string field) => answer.Json.GetProperty(field).GetInt32();

    private Task<RawAnswer> PostAsync(string body) => _client.PostAsync("/v2/fns", body.Replace("\"APP\"", $"\"{_app}\"", StringComparison.Ordinal));

    private async Task<string> CreateAsync(string body)
    {
        var answer = await PostAsync(body);
        Assert.Equal(200, answer.Status);
        return answer["id"]!;
    }
}
