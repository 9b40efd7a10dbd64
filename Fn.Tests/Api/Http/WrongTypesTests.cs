using Xunit;

namespace Fn.Tests.Api.Http;

/// <summary>Every field of the management API with a value of another type: it is no valid JSON for it, whatever else is sent.</summary>
public sealed class WrongTypesTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private static readonly string[] NoStrings = ["1", "true", "[]", "{}"];
    private static readonly string[] NoMaps = ["1", "true", "[]", "\"text\""];
    private static readonly string[] NoTimes = ["1", "\"yesterday\"", "\"2026-13-01T00:00:00Z\"", "\"2026-01-01\"", "{}"];
    private static readonly string[] NoWholeNumbers = ["1.5", "1e2", "\"1\"", "true", "99999999999999999999", "[]"];

    public static TheoryData<string, string, string> Values
    {
        get
        {
            var values = new TheoryData<string, string, string>();
            AddAll(values, "/v2/apps", NoStrings, "id", "name", "syslog_url", "shape");
            AddAll(values, "/v2/apps", NoMaps, "config", "annotations");
            AddAll(values, "/v2/apps", NoTimes, "created_at", "updated_at");
            AddAll(values, "/v2/apps", ["{\"k\":1}", "{\"k\":{}}"], "config");
            AddAll(values, "/v2/fns", NoStrings, "id", "name", "app_id", "image", "format", "shape");
            AddAll(values, "/v2/fns", NoMaps, "config", "annotations");
            AddAll(values, "/v2/fns", NoTimes, "created_at", "updated_at");
            AddAll(values, "/v2/fns", NoWholeNumbers, "memory", "timeout", "idle_timeout");
            AddAll(values, "/v2/fns", ["-1"], "memory");
            AddAll(values, "/v2/fns", ["2147483648"], "timeout", "idle_timeout");
            AddAll(values, "/v2/triggers", NoStrings, "id", "name", "app_id", "fn_id", "type", "source");
            AddAll(values, "/v2/triggers", NoMaps, "annotations");
            AddAll(values, "/v2/triggers", NoTimes, "created_at", "updated_at");
            return values;
        }
    }

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public async Task CreateAndUpdate_ValueOfAnotherType_AreInvalidJson(string path, string field, string value)
    {
        var body = $$"""{"{{field}}":{{value}}}""";
        Assert.Equal((400, "Invalid JSON"), await OutcomeAsync("POST", path, body));
        Assert.Equal((400, "Invalid JSON"), await OutcomeAsync("PUT", path + "/none", body));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"name\":\"a\"")]
    [InlineData("{\"name\":\"a\",}")]
    [InlineData("{'name':'a'}")]
    [InlineData("{\"name\":\"a\nb\"}")]
    [InlineData("{\"name\":\"\\x\"}")]
    [InlineData("{\"name\":01}")]
    [InlineData("// {}")]
    [InlineData("nul")]
    [InlineData("\"text\"")]
    public async Task CreateAndUpdate_MalformedJson_AreInvalidJson(string body)
    {
        foreach (var path in new[] { "/v2/apps", "/v2/fns", "/v2/triggers" })
        {
            Assert.Equal((400, "Invalid JSON"), await OutcomeAsync("POST", path, body));
            Assert.Equal((400, "Invalid JSON"), await OutcomeAsync("PUT", path + "/none", body));
        }
    }

    private static void AddAll(TheoryData<string, string, string> values, string path, string[] wrong, params string[] fields)
    {
        foreach (var field in fields)
        {
            foreach (var value in wrong)
                values.Add(path, field, value);
        }
    }

    private async Task<(int Status, string? Message)> OutcomeAsync(string method, string path, string body)
    {
        var answer = await gateway.Client.SendAsync(method, path, body);
        return (answer.Status, answer.Message);
    }
}
