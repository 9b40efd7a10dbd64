using System.Text;
using Xunit;

namespace Fn.Tests.Api.Http;

/// <summary>The contract's ground rules, seen from the wire.</summary>
public sealed class GroundRulesTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Json = "application/json; charset=utf-8";

    private readonly RawClient _client = gateway.Client;

    [Fact]
    public async Task Success_Body_IsJsonWithoutLineFeed()
    {
        var answer = await _client.GetAsync("/");
        Assert.Equal((200, Json), (answer.Status, answer.Header("Content-Type")));
        Assert.Equal("""{"goto":"https://github.com/fnproject/fn","hello":"world!"}""", answer.Body);
    }

    [Fact]
    public async Task Version_Body_HasOneField() => Assert.Matches("""^\{"version":"\d+\.\d+\.\d+[^"+]*"\}$""", (await _client.GetAsync("/version")).Body);

    [Fact]
    public async Task Error_Body_IsMessageAndLineFeed()
    {
        var answer = await _client.GetAsync("/v2/apps/none");
        Assert.Equal((404, Json, "{\"message\":\"App not found\"}\n"), (answer.Status, answer.Header("Content-Type"), answer.Body));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("""{"name":1}""")]
    public async Task InvalidJson_Body_IsPlainText(string body)
    {
        var answer = await _client.PostAsync("/v2/apps", body);
        Assert.Equal((400, "text/plain; charset=utf-8", "{\"message\":\"Invalid JSON\"}\n"), (answer.Status, answer.Header("Content-Type"), answer.Body));
    }

    [Fact]
    public async Task InvalidJson_NoBodyAtAll_IsRefused() => Assert.Equal("Invalid JSON", (await _client.SendAsync("POST", "/v2/apps", null)).Message);

    [Theory]
    [InlineData("Content-Type: text/plain")]
    [InlineData("Content-Type: application/x-www-form-urlencoded")]
    [InlineData("X-Nothing: at all")]
    public async Task Request_AnyContentType_IsReadAsJson(string header) =>
        Assert.Equal("Missing Name", (await _client.PostAsync("/v2/apps", "{}", header)).Message);

    [Theory]
    [InlineData("""{"nosuch":{"name":[1]}} trailing { bytes""")]
    [InlineData("""{"nosuch":1}{"name":"second"}""")]
    [InlineData("null")]
    public async Task Request_UnknownFieldsAndTrailingBytes_AreIgnored(string body) => Assert.Equal("Missing Name", (await _client.PostAsync("/v2/apps", body)).Message);

    [Fact]
    public async Task Request_FirstValueSent_IsAnsweredWithoutWaitingForTheRest()
    {
        var request = "POST /v2/apps HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n";
        var answer = await _client.SendOpenEndedAsync(Encoding.ASCII.GetBytes(request));
        Assert.Contains("Missing Name", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ChunkedInPieces_IsPutTogether()
    {
        var name = "c" + Guid.NewGuid().ToString("N");
        var request = $"POST /v2/apps HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{{\"n\r\n{name.Length + 9:x}\r\name\": \"{name}\"}}\r\n0\r\n\r\n";
        var answer = await _client.SendBytesAsync(Encoding.ASCII.GetBytes(request));
        Assert.Equal((200, name), (answer.Status, answer["name"]));
    }

    [Fact]
    public async Task Request_BrokenChunks_IsInvalidJson()
    {
        var answer = await _client.SendBytesAsync("POST /v2/apps HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"u8.ToArray());
        Assert.Equal((400, "Invalid JSON"), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("GET", "/nosuch")]
    [InlineData("POST", "/v2")]
    [InlineData("GET", "/v2/nosuch?x=1")]
    [InlineData("DELETE", "/v2/apps/a/b")]
    [InlineData("GET", "/V2/apps")]
    [InlineData("GET", "/v2/Apps/x")]
    [InlineData("GET", "/v2//apps")]
    [InlineData("GET", "/no%20such")]
    [InlineData("HEAD2", "/nosuch")]
    public async Task UnknownPath_AnyMethod_Is404NamingMethodAndPathAsSent(string method, string target)
    {
        var answer = await _client.SendAsync(method, target, null);
        Assert.Equal((404, Json), (answer.Status, answer.Header("Content-Type")));
        Assert.Equal($"Path not found: {method} {target.Split('?')[0]}", answer.Message);
    }

    [Fact]
    public async Task UnknownPath_HtmlInIt_IsEscaped() =>
        Assert.Equal("{\"message\":\"Path not found: GET /a\\u003cb\\u0026\"}\n", (await _client.GetAsync("/a<b&")).Body);

    [Theory]
    [InlineData("PATCH", "/v2/apps/x")]
    [InlineData("PUT", "/v2/apps")]
    [InlineData("POST", "/v2/fns/x")]
    [InlineData("OPTIONS", "/v2/triggers")]
    [InlineData("POST", "/version")]
    [InlineData("DELETE", "/")]
    public async Task KnownPath_WrongMethod_Is405(string method, string path)
    {
        var answer = await _client.SendAsync(method, path, null);
        Assert.Equal((405, Json, $"Method not allowed: {method} {path}"), (answer.Status, answer.Header("Content-Type"), answer.Message));
    }

    [Fact]
    public async Task KnownPath_Head_Is405WithoutBody()
    {
        var answer = await _client.SendAsync("HEAD", "/v2/apps", null);
        Assert.Equal((405, ""), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("/v2/apps/", "/v2/apps")]
    [InlineData("/v2/apps/x/?a=b&c", "/v2/apps/x?a=b&c")]
    [InlineData("/version/", "/version")]
    public async Task TrailingSlash_Get_Is301WithHtml(string target, string location)
    {
        var answer = await _client.GetAsync(target);
        Assert.Equal((301, location, "text/html; charset=utf-8"), (answer.Status, answer.Header("Location"), answer.Header("Content-Type")));
        Assert.Equal($"<a href=\"{location.Replace("&", "&amp;", StringComparison.Ordinal)}\">Moved Permanently</a>.\n\n", answer.Body);
    }

    [Theory]
    [InlineData("POST", "/v2/apps/")]
    [InlineData("PUT", "/v2/fns/x/")]
    [InlineData("DELETE", "/v2/triggers/x/")]
    public async Task TrailingSlash_OtherMethods_Is307(string method, string target)
    {
        var answer = await _client.SendAsync(method, target, "{}");
        Assert.Equal((307, target.TrimEnd('/'), ""), (answer.Status, answer.Header("Location"), answer.Body));
    }

    [Fact]
    public async Task TrailingSlash_UnknownPath_Is404() => Assert.Equal("Path not found: GET /nosuch/", (await _client.GetAsync("/nosuch/")).Message);
}
