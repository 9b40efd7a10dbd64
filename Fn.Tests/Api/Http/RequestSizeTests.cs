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
    public async Task ManagementBody_Default_Is16MiBAtMost()
    {
        await using var gateway = await TestGateway.StartedAsync();
        var answer = await gateway.Client.PostAsync("/v2/apps", $$"""{"config":{"a":"{{new string('x', 16_000_000)}}"},"name":"big"}""");
        Assert.Equal(200, answer.Status);
        answer = await gateway.Client.PostAsync("/v2/apps", new string('x', 16_777_217));
        Assert.Equal((413, "Content-Length too large for this server, 16777217 > max 16777216"), (answer.Status, answer.Message));
        Assert.Equal("Fn not found", (await gateway.Client.PostAsync("/invoke/none", new string('x', 16_777_217))).Message);
    }

    [Fact]
    public async Task ManagementBody_ChunkedOverItsLimit_IsCutThere()
    {
        await using var gateway = await TestGateway.StartedAsync("--Fn:Api:MaxManagementBody=2KiB");
        var body = $$"""{"nosuch":"{{new string('x', 3000)}}"}""";
        var request = $"POST /v2/apps HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n";
        Assert.Equal("Invalid JSON", (await gateway.Client.SendBytesAsync(Encoding.ASCII.GetBytes(request))).Message);
    }
}
