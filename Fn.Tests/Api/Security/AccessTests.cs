using Fn.Api.Security;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.Api.Security;

public sealed class AccessTests(AccessTests.GuardedGateway guarded) : IClassFixture<AccessTests.GuardedGateway>
{
    private readonly RawClient _client = guarded.Gateway.Client;

    [Theory]
    [InlineData("/health", nameof(Access.Anyone))]
    [InlineData("/alive", nameof(Access.Anyone))]
    [InlineData("/alive/x", nameof(Access.Manage))]
    [InlineData("/HEALTH", nameof(Access.Manage))]
    [InlineData("/invoke/x", nameof(Access.Invoke))]
    [InlineData("/t/a/b", nameof(Access.Invoke))]
    [InlineData("/t", nameof(Access.Invoke))]
    [InlineData("/tx", nameof(Access.Manage))]
    [InlineData("/T/a", nameof(Access.Manage))]
    [InlineData("/invoked", nameof(Access.Manage))]
    [InlineData("/", nameof(Access.Manage))]
    [InlineData("/v2/apps", nameof(Access.Manage))]
    [InlineData("/metrics", nameof(Access.Anyone))]
    [InlineData("/dashboard", nameof(Access.SignIn))]
    [InlineData("/dashboard/_blazor", nameof(Access.SignIn))]
    [InlineData("/Dashboard/", nameof(Access.Manage))]
    [InlineData("/dashboards", nameof(Access.Manage))]
    [InlineData("/whatever/comes/next", nameof(Access.Manage))]
    public void AccessRule_Path_Needs(string path, string access) => Assert.Equal(access, AccessRule.For(path).ToString());

    [Theory]
    [InlineData("/v2/apps", null, 401)]
    [InlineData("/v2/apps", "Bearer wrong", 401)]
    [InlineData("/v2/apps", "Bearer ", 401)]
    [InlineData("/v2/apps", "Bearer manage-1x", 401)]
    [InlineData("/v2/apps", "Basic manage-1", 401)]
    [InlineData("/v2/apps", "Bearer invoke-1", 401)]
    [InlineData("/v2/apps", "Bearer manage-1", 200)]
    [InlineData("/v2/apps", "bearer manage-2", 200)]
    [InlineData("/nosuch", null, 401)]
    [InlineData("/nosuch", "Bearer manage-1", 404)]
    [InlineData("/invoke/x", null, 401)]
    [InlineData("/invoke/x", "Bearer invoke-1", 404)]
    [InlineData("/invoke/x", "Bearer manage-2", 404)]
    [InlineData("/t/x", "Bearer invoke-1", 404)]
    [InlineData("/health", null, 200)]
    [InlineData("/alive", null, 200)]
    public async Task Token_OnAPath_OpensOrNot(string path, string? authorization, int status)
    {
        var answer = await _client.SendAsync(MethodFor(path), path, null, authorization is null ? [] : [$"Authorization: {authorization}"]);
        Assert.Equal(status, answer.Status);
        if (status == 401)
            Assert.Equal(("{\"message\":\"Unauthorized\"}\n", "Bearer", "application/json; charset=utf-8"), (answer.Body, answer.Header("WWW-Authenticate"), answer.Header("Content-Type")));
    }

    [Fact]
    public async Task Token_SentTwice_OpensNothing() =>
        Assert.Equal(401, (await _client.GetAsync("/v2/apps", "Authorization: Bearer manage-1", "Authorization: Bearer manage-1")).Status);

    [Theory]
    [InlineData("/v2/apps", "http://evil.example", 403)]
    [InlineData("/V2/apps", "http://evil.example", 403)]
    [InlineData("/dashboard/", "http://evil.example", 403)]
    [InlineData("/v2/apps", "null", 403)]
    [InlineData("/v2/apps", "http://gateway.example.evil.example", 403)]
    [InlineData("/v2/apps", "http://gateway.example:81", 403)]
    [InlineData("/v2/apps", "http://gateway.example", 200)]
    [InlineData("/v2/apps", "https://gateway.example", 200)]
    [InlineData("/v2/apps", "https://public.example", 200)]
    [InlineData("/invoke/x", "http://evil.example", 404)]
    public async Task Origin_OfAnotherSite_IsRefusedWhereThingsAreManaged(string path, string origin, int status)
    {
        var answer = await _client.SendAsync(MethodFor(path), path, null, "Host: gateway.example", "Authorization: Bearer manage-1", "Origin: " + origin);
        Assert.Equal(status, answer.Status);
        if (status == 403)
            Assert.Equal("{\"message\":\"Origin not allowed\"}\n", answer.Body);
    }

    [Theory]
    [InlineData("--Fn:Api:InvokeTokens:0=x", "Fn:Api:InvokeTokens is set but Fn:Api:Tokens is not")]
    [InlineData("--Fn:Api:Tokens:0=", "Fn:Api:Tokens:0 is empty")]
    [InlineData("--Fn:Api:Tokens:0=a b", "Fn:Api:Tokens has a token with other than visible ASCII characters")]
    [InlineData("--Fn:Api:PublicUrl=fn.example", "Fn:Api:PublicUrl must be an http or https URL")]
    public async Task Options_ThatMakeNoSense_StopTheStartNamingTheKey(string setting, string message)
    {
        await using var gateway = new TestGateway(setting);
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(gateway.StartAsync);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    private static string MethodFor(string path) => path.StartsWith("/invoke", StringComparison.Ordinal) ? "POST" : "GET";

    public sealed class GuardedGateway : IAsyncLifetime
    {
        internal TestGateway Gateway { get; } = new(
            "--Fn:Api:Tokens:0=manage-1", "--Fn:Api:Tokens:1=manage-2", "--Fn:Api:InvokeTokens:0=invoke-1", "--Fn:Api:PublicUrl=https://public.example/fn");

        public ValueTask InitializeAsync() => Gateway.InitializeAsync();

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
