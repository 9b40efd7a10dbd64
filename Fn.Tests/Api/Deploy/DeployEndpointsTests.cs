using Xunit;

namespace Fn.Tests.Api.Deploy;

/// <summary><c>PUT /v2/apps/{appName}/fns/{fnName}</c>.</summary>
public sealed class DeployEndpointsTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Yaml = "Content-Type: application/yaml";

    private readonly RawClient _client = gateway.Client;
    private readonly string _app = $"app{Guid.NewGuid():N}";

    private string Path => $"/v2/apps/{_app}/fns/hello";

    [Fact]
    public async Task Deploy_NewAppFunctionAndTriggers_AreMadeTogether()
    {
        var answer = await _client.PutAsync($"{Path}?create_app=true", """
            schema_version: 20180708
            name: ignored
            image: fn/hello:1
            memory: 64
            config: { A: b }
            triggers:
              - { name: t, type: http, source: /t }
            """, Yaml);

        Assert.Equal(201, answer.Status);
        Assert.Equal(("hello", "fn/hello:1", 64, "b"), (answer["name"], answer["image"], answer.Json.GetProperty("memory").GetInt32(), answer.Json.GetProperty("config").GetProperty("A").GetString()));
        Assert.EndsWith($"/invoke/{answer["id"]}", answer.Json.GetProperty("annotations").GetProperty("fnproject.io/fn/invokeEndpoint").GetString(), StringComparison.Ordinal);
        Assert.Equal(answer.Body, (await _client.GetAsync($"/v2/fns/{answer["id"]}")).Body);
        var trigger = Assert.Single((await _client.GetAsync($"/v2/triggers?app_id={answer["app_id"]}")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(("t", "/t", answer["id"]), (trigger.GetProperty("name").GetString(), trigger.GetProperty("source").GetString(), trigger.GetProperty("fn_id").GetString()));
    }

    [Fact]
    public async Task Deploy_Again_UpdatesWhatChanged()
    {
        var first = await _client.PutAsync($"{Path}?create_app=true", "image: one\nconfig: { A: a }\ntriggers: [{ name: t, source: /t }, { name: kept, source: /kept }]", Yaml);

        var second = await _client.PutAsync(Path, "image: two\nconfig: { B: b }\ntriggers: [{ name: t, source: /other }, { name: new, source: /new }]", Yaml);

        Assert.Equal((201, 200), (first.Status, second.Status));
        Assert.Equal((first["id"], "two"), (second["id"], second["image"]));
        Assert.Equal("""{"A":"a","B":"b"}""", second.Json.GetProperty("config").GetRawText());
        var sources = (await _client.GetAsync($"/v2/triggers?app_id={first["app_id"]}")).Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("source").GetString());
        Assert.Equal(["/kept", "/new", "/other"], sources.Order());
    }

    [Theory]
    [InlineData("{ name: a, source: /b }, { name: b, source: /a }", "a /b, b /a")]
    [InlineData("{ name: a, source: /b }, { name: b, source: /c }", "a /b, b /c")]
    [InlineData("{ name: b, source: /c }, { name: a, source: /b }", "a /b, b /c")]
    [InlineData("{ name: a, source: /c }, { name: new, source: /a }", "a /c, b /b, new /a")]
    public async Task Deploy_SourcesThatMoveBetweenItsTriggers_AreMoved(string triggers, string expected)
    {
        var made = await _client.PutAsync($"{Path}?create_app=true", "image: one\ntriggers: [{ name: a, source: /a }, { name: b, source: /b }]", Yaml);

        Assert.Equal(200, (await _client.PutAsync(Path, $"image: one\ntriggers: [{triggers}]", Yaml)).Status);

        var items = (await _client.GetAsync($"/v2/triggers?app_id={made["app_id"]}")).Json.GetProperty("items").EnumerateArray();
        Assert.Equal(expected, string.Join(", ", items.Select(item => $"{item.GetProperty("name").GetString()} {item.GetProperty("source").GetString()}")));
    }

    [Fact]
    public async Task Deploy_Json_IsWhatFnsTakes()
    {
        var made = await _client.PutAsync($"{Path}?create_app=true", """{"image":"one","format":"http","unknown":1}""");
        var changed = await _client.PutAsync(Path, """{"memory":256}""");

        Assert.Equal((201, 200), (made.Status, changed.Status));
        Assert.Equal(("one", "http", 256), (changed["image"], changed["format"], changed.Json.GetProperty("memory").GetInt32()));
    }

    [Theory]
    [InlineData("image: a", 404, "App not found")]
    [InlineData("memroy: 1", 400, "Invalid func.yaml: line 1: unknown field 'memroy'")]
    public async Task Deploy_WithoutCreateApp_NeedsTheApp(string yaml, int status, string message)
    {
        var answer = await _client.PutAsync(Path, yaml, Yaml);

        Assert.Equal((status, message), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("memory: 64", 400, "line 1: image: Missing image on Fn")]
    [InlineData("image: a\n\nannotations:\n  ok: 1\n  'a b': 1", 400, "line 5: annotations.a b: Invalid annotation key, annotation keys must be non-empty ascii strings excluding whitespace")]
    [InlineData("image: a\nannotations:\n  ok: 1\n  none: ''", 400, "line 4: annotations.none: Invalid annotation value, annotation values may only be non-empty strings, numbers, objects, or arrays")]
    [InlineData("schema_version: 20180708\nimage: a\nannotations:\n  fn.format: json", 400, "line 4: annotations.fn.format: Invalid format on Fn")]
    [InlineData("image: a\ntriggers:\n- name: t\n  source: t", 400, "line 4: triggers.source: Missing Trigger Source Prefix '/'")]
    [InlineData("image: a\ntriggers:\n- name: t\n  type: cron\n  source: /t", 400, "line 4: triggers.type: Trigger Type Not Supported")]
    [InlineData("image: a\ntriggers:\n- name: a b\n  source: /t", 400, "line 3: triggers.name: Invalid name for Trigger")]
    [InlineData("image: a\ntriggers:\n- { name: t, source: /t }\n- name: u\n  source: /t", 409, "line 5: triggers.source: Trigger with the same type and source exists on this app")]
    [InlineData("image: a\ntriggers:\n- { name: t, source: /t }\n- name: t\n  source: /u", 409, "line 4: triggers.name: Trigger already exists")]
    [InlineData("name: a\nversion: 1\npath: hello", 400, "line 3: path: Missing Trigger Source Prefix '/'")]
    [InlineData("image: a\nexpects:\n  config:\n  - name: A\n  - name: SECRET\n    required: true", 400, "line 5: expects.config.name: Missing config SECRET: func.yaml expects it, and neither the app nor the function has it")]
    public async Task Deploy_Wrong_LeavesNothing(string yaml, int status, string message)
    {
        var answer = await _client.PutAsync($"{Path}?create_app=true", yaml, Yaml);

        Assert.Equal((status, $"Invalid func.yaml: {message}"), (answer.Status, answer.Message));
        Assert.Empty((await _client.GetAsync($"/v2/apps?name={_app}")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Deploy_WrongJson_HasTheMessageOfFns()
    {
        var answer = await _client.PutAsync($"{Path}?create_app=true", """{"memory":64}""");

        Assert.Equal((400, "Missing image on Fn"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Deploy_SourceOfAnotherFunction_ChangesNothing()
    {
        var other = await _client.PutAsync($"/v2/apps/{_app}/fns/other?create_app=true", "image: a\ntriggers: [{ name: t, source: /t }]", Yaml);

        var answer = await _client.PutAsync(Path, "image: a\ntriggers: [{ name: t, source: /t }]", Yaml);

        Assert.Equal((409, "Invalid func.yaml: line 2: triggers.source: Trigger with the same type and source exists on this app"), (answer.Status, answer.Message));
        Assert.Single((await _client.GetAsync($"/v2/fns?app_id={other["app_id"]}")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Deploy_ExpectedConfigIsTheApps_IsDone()
    {
        await _client.PostAsync("/v2/apps", $$$"""{"name":"{{{_app}}}","config":{"SECRET":"x"}}""");

        Assert.Equal(201, (await _client.PutAsync(Path, "image: a\nexpects: { config: [{ name: SECRET, required: true }] }", Yaml)).Status);
    }

    [Fact]
    public async Task Deploy_ManyAtOnce_AreOneFunction()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _client.PutAsync($"{Path}?create_app=true", $"image: a{i}\ntriggers: [{{ name: t, source: /t }}]", Yaml)));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.Equal(7, answers.Count(answer => answer.Status == 200));
        Assert.Single(answers.Select(answer => answer["id"]).Distinct());
    }

    [Fact]
    public async Task Deploy_TooLarge_Is413()
    {
        Assert.Equal(413, (await _client.PutAsync(Path, $"image: {new string('a', 1024 * 1024)}", Yaml)).Status);
    }
}
