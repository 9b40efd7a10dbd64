using System.Text;
using Xunit;

namespace Fn.Tests.Api.Http;

public sealed class RequestSizeTests
{
    [Fact]
    public async Task ContentLength_OverTheLimit_Is413BeforeAnythingElse()
    {
        await using var gateway = await TestGateway.StartedAsync("--Fn:Api:MaxRequestSize=2000", "--Fn:Api:Tokens:0=secret");
        foreach (var (method, target) in new[] { ("POST", "/v2/apps"), ("PATCH", "/nosuch") })
        {
            var answer = await gateway.Client.SendAsync(method, target, new string('x', 3000));
            Assert.Equal(413, answer.Status);
            Assert.Equal("{\"message\":\"Content-Length too large for this server, 3000 \\u003e max 2000\"}\n", answer.Body);
        }
    }

    [Fact]
    public async Task ContentLength_AtTheLimit_IsRead()
    {
        await using var gateway = await TestGateway.StartedAsync("--Fn:Api:MaxRequestSize=2000");
        Assert.Equal("Missing Name", (await gateway.Client.PostAsync("/v2/apps", "{}".PadRight(2000))).Message);
    }

    [Fact]
    public async Task Chunked_OverTheLimit_IsCutThere()
    {
        await using var gateway = await TestGateway.StartedAsync("--Fn:Api:MaxRequestSize=2000");
        var body = $$"""{"nosuch":"{{new string('x', 3000)}}"}""";
        var request = $"POST /v2/apps HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n";
        Assert.Equal("Invalid JSON", (await gateway.Client.SendBytesAsync(Encoding.ASCII.GetBytes(request))).Message);
    }

    [Fact]
    public async Task Default_LargeBody_HasNoLimit()
    {
        await using var gateway = await TestGateway.StartedAsync();
        var answer = await gateway.Client.PostAsync("/v2/apps", $$"""{"config":{"a":"{{new string('x', 40_000_000)}}"},"name":"big"}""");
        Assert.Equal(200, answer.Status);
    }
}
