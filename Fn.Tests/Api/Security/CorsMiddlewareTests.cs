using Xunit;

namespace Fn.Tests.Api.Security;

public sealed class CorsMiddlewareTests
{
    private const string Origin = "Origin: https://console.example";
    private const string Preflight = "Access-Control-Request-Method: PUT";

    [Fact]
    public async Task Preflight_AllowedOrigin_Is200WithoutAToken()
    {
        await using var gateway = await TestGateway.StartedAsync("--Fn:Api:CorsOrigins=https://console.example,https://other.example", "--Fn:Api:Tokens=secret");
        var answer = await gateway.Client.SendAsync("OPTIONS", "/v2/apps/x", null, Origin, Preflight);
        Assert.Equal((200, "", "https://console.example", "Origin"), (answer.Status, answer.Body, answer.Header("Access-Control-Allow-Origin"), answer.Header("Vary")));
        Assert.Equal(
            ("GET,POST,PUT,HEAD,DELETE", "Origin,Content-Length,Content-Type", "43200"),
            (answer.Header("Access-Control-Allow-Methods"), answer.Header("Access-Control-Allow-Headers"), answer.Header("Access-Control-Max-Age")));
        Assert.Equal(401, (await gateway.Client.GetAsync("/v2/apps", Origin)).Status);
    }

    [Fact]
    public async Task Request_AllowedOrigin_MayReadTheAnswerErrorsToo()
    {
        await using var gateway = await TestGateway.StartedAsync("--Fn:Api:CorsOrigins=*", "--Fn:Api:CorsHeaders=X-One,X-Two");
        foreach (var (target, status) in new[] { ("/v2/apps", 200), ("/v2/apps/none", 404), ("/nosuch", 404), ("/v2/apps?cursor=!", 500) })
        {
            var answer = await gateway.Client.GetAsync(target, Origin);
            Assert.Equal((status, "*", null), (answer.Status, answer.Header("Access-Control-Allow-Origin"), answer.Header("Vary")));
        }
        Assert.Equal("X-One,X-Two", (await gateway.Client.SendAsync("OPTIONS", "/v2/apps", null, Origin, Preflight)).Header("Access-Control-Allow-Headers"));
        Assert.Null((await gateway.Client.GetAsync("/v2/apps")).Header("Access-Control-Allow-Origin"));
        Assert.Equal(405, (await gateway.Client.SendAsync("OPTIONS", "/v2/apps", null, Origin)).Status);
    }

    [Fact]
    public async Task Head_AllowedOrigin_Is405ThatItsPageMayRead()
    {
        await using var gateway = await TestGateway.StartedAsync("--Fn:Api:CorsOrigins=*");
        var answer = await gateway.Client.SendAsync("HEAD", "/v2/apps", null, Origin);
        Assert.Equal((405, "", "*"), (answer.Status, answer.Body, answer.Header("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task Request_OtherOrigin_IsRefused()
    {
        await using var gateway = await TestGateway.StartedAsync("--Fn:Api:CorsOrigins=https://other.example");
        Assert.Equal(403, (await gateway.Client.GetAsync("/v2/apps", Origin)).Status);
        Assert.Equal(403, (await gateway.Client.SendAsync("OPTIONS", "/v2/apps", null, Origin, Preflight)).Status);
    }

    [Fact]
    public async Task Preflight_NothingConfigured_Is405()
    {
        await using var gateway = await TestGateway.StartedAsync();
        var answer = await gateway.Client.SendAsync("OPTIONS", "/v2/apps", null, $"Origin: http://{gateway.Client.Host}", Preflight);
        Assert.Equal((405, null), (answer.Status, answer.Header("Access-Control-Allow-Origin")));
    }
}
