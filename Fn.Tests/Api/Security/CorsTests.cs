using Xunit;

namespace Fn.Tests.Api.Security;

/// <summary>Pages of other origins, when the gateway lets them in.</summary>
public sealed class CorsTests
{
    private const string Page = "Origin: https://ui.example.com";
    private const string Asks = "Access-Control-Request-Method: PUT";

    [Theory]
    [InlineData("--Fn:Api:CorsOrigins=https://ui.example.com", "https://ui.example.com")]
    [InlineData("--Fn:Api:CorsOrigins=https://other.example.com,https://UI.example.com", "https://ui.example.com")]
    [InlineData("--Fn:Api:CorsOrigins=*", "*")]
    public async Task Request_OfAllowedOrigin_IsAnsweredForIt(string setting, string allowed)
    {
        await using var gateway = await TestGateway.StartedAsync(setting);

        var answer = await gateway.Client.GetAsync("/v2/apps", Page);

        Assert.Equal((200, allowed, "Origin"), (answer.Status, answer.Header("Access-Control-Allow-Origin"), answer.Header("Vary")));
    }

    [Fact]
    public async Task Preflight_OfAllowedOrigin_IsAnsweredWithoutAToken()
    {
        await using var gateway = await TestGateway.StartedAsync("--Fn:Api:CorsOrigins=https://ui.example.com", "--Fn:Api:Tokens=secret");

        var answer = await gateway.Client.SendAsync("OPTIONS", "/v2/apps", null, Page, Asks);

        Assert.Equal((200, "", "GET,POST,PUT,HEAD,DELETE"), (answer.Status, answer.Body, answer.Header("Access-Control-Allow-Methods")));
        Assert.Equal(("Origin,Content-Length,Content-Type", "43200"), (answer.Header("Access-Control-Allow-Headers"), answer.Header("Access-Control-Max-Age")));
        Assert.Equal(401, (await gateway.Client.GetAsync("/v2/apps", Page)).Status);
    }

    [Fact]
    public async Task Preflight_HeadersConfigured_AreThose()
    {
        await using var gateway = await TestGateway.StartedAsync("--Fn:Api:CorsOrigins=*", "--Fn:Api:CorsHeaders=Authorization,X-Mine");

        Assert.Equal("Authorization,X-Mine", (await gateway.Client.SendAsync("OPTIONS", "/v2/apps", null, Page, Asks)).Header("Access-Control-Allow-Headers"));
    }

    [Fact]
    public async Task Request_OfOtherOrigin_IsRefused()
    {
        await using var gateway = await TestGateway.StartedAsync("--Fn:Api:CorsOrigins=https://other.example.com");

        var answer = await gateway.Client.GetAsync("/v2/apps", Page);

        Assert.Equal((403, null), (answer.Status, answer.Header("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task Preflight_CorsOff_IsAMethodNotServed()
    {
        await using var gateway = await TestGateway.StartedAsync();

        Assert.Equal(405, (await gateway.Client.SendAsync("OPTIONS", "/v2/apps", null, Asks)).Status);
    }
}
