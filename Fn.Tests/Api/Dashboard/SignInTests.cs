using Fn.Api;
using Fn.Api.Dashboard.SignIn;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class SignInTests(SignInTests.GuardedGateway guarded) : IClassFixture<SignInTests.GuardedGateway>
{
    private readonly TestGateway _gateway = guarded.Gateway;

    [Theory]
    [InlineData("GET", "/dashboard/", "text/html", 302)]
    [InlineData("GET", "/dashboard/functions/x?tab=logs", "text/html", 302)]
    [InlineData("GET", "/dashboard/_blazor", "*/*", 401)]
    [InlineData("POST", "/dashboard/_blazor/negotiate", "*/*", 401)]
    [InlineData("GET", "/dashboard/_framework/blazor.web.js", "*/*", 401)]
    [InlineData("GET", "/dashboard/css/base.css", "text/css", 200)]
    [InlineData("GET", "/dashboard/sign-in", "text/html", 200)]
    public async Task Path_WithoutASession_IsClosedButForTheWayIn(string method, string path, string accept, int status)
    {
        var answer = await _gateway.Client.SendAsync(method, path, null, $"Accept: {accept}");

        Assert.Equal(status, answer.Status);
        if (status == 302)
            Assert.Equal($"/dashboard/sign-in?to={Uri.EscapeDataString(path["/dashboard".Length..])}", answer.Header("Location"));
    }

    [Fact]
    public async Task Root_OfPeopleWithoutASession_LeadsToTheWayIn()
    {
        Assert.Equal((302, "/dashboard/"), await WhereAsync("/", "text/html"));
        Assert.Equal(401, (await _gateway.Client.GetAsync("/", "Accept: */*")).Status);
    }

    [Fact]
    public async Task Token_Right_OpensForTwelveHours()
    {
        var cookie = await SignInAsync("manage-1");

        Assert.Equal(200, (await _gateway.Client.GetAsync("/dashboard/", cookie)).Status);
        // It is for the dashboard alone.
        Assert.Equal(401, (await _gateway.Client.GetAsync("/v2/apps", cookie)).Status);
        _gateway.Time.Advance(SessionCookie.Lifetime - TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await _gateway.Client.GetAsync("/dashboard/", cookie)).Status);
        _gateway.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(401, (await _gateway.Client.GetAsync("/dashboard/", cookie)).Status);
    }

    [Theory]
    [InlineData("invoke-1")]
    [InlineData("wrong")]
    [InlineData("")]
    public async Task Token_Wrong_OpensNothing(string token)
    {
        var answer = await PostAsync(token);

        Assert.Equal(401, answer.Status);
        Assert.Null(answer.Header("Set-Cookie"));
        Assert.Contains("none of this gateway", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/hot", "/dashboard/hot")]
    [InlineData("//evil.example", "/dashboard/")]
    [InlineData("/\\evil.example", "/dashboard/")]
    [InlineData("https://evil.example", "/dashboard/")]
    public async Task SignIn_To_LeadsNowhereElse(string to, string location)
    {
        var answer = await PostAsync("manage-1", to);

        Assert.Equal((302, location), (answer.Status, answer.Header("Location")));
    }

    [Fact]
    public async Task Bearer_ManagementToken_NeedsNoSession()
    {
        Assert.Equal(200, (await _gateway.Client.GetAsync("/dashboard/", "Authorization: Bearer manage-1")).Status);
        Assert.Equal(401, (await _gateway.Client.GetAsync("/dashboard/", "Authorization: Bearer invoke-1")).Status);
    }

    [Theory]
    [InlineData("/dashboard/sign-in")]
    [InlineData("/dashboard/sign-out")]
    [InlineData("/dashboard/_blazor")]
    public async Task Post_FromAnotherSite_IsRefused(string path)
    {
        var answer = await _gateway.Client.PostAsync(path, "token=manage-1", "Origin: http://evil.example", "Content-Type: application/x-www-form-urlencoded");

        Assert.Equal(403, answer.Status);
    }

    [Fact]
    public void Cookie_OfAnotherGatewayWithTheToken_IsTakenAndNoOther()
    {
        var time = new FakeTimeProvider();
        var value = Sessions(time, "a", "b").Issue("b");

        Assert.Equal(SessionCookie.Lifetime, Sessions(time, "b").Check(value));
        Assert.Null(Sessions(time, "a").Check(value));
        Assert.Null(Sessions(time, "b").Check($"9{value}"));
        Assert.Null(Sessions(time, "b").Check(value[..^1]));
        Assert.Null(Sessions(time, "b").Check("99999999999999999999.00"));
        Assert.Null(Sessions(time, "b").Check(null));
    }

    private static SessionCookie Sessions(TimeProvider time, params string[] tokens) => new(Options.Create(new ApiOptions { Tokens = tokens }), time);

    private async Task<(int, string?)> WhereAsync(string path, string accept)
    {
        var answer = await _gateway.Client.GetAsync(path, $"Accept: {accept}");
        return (answer.Status, answer.Header("Location"));
    }

    private Task<RawAnswer> PostAsync(string token, string to = "/") => _gateway.Client.PostAsync(
        "/dashboard/sign-in", $"token={token}&to={Uri.EscapeDataString(to)}", "Content-Type: application/x-www-form-urlencoded", $"Origin: http://{_gateway.Client.Host}");

    private async Task<string> SignInAsync(string token)
    {
        var cookie = (await PostAsync(token)).Header("Set-Cookie")!;
        Assert.Contains("; path=/dashboard; samesite=strict; httponly", cookie, StringComparison.Ordinal);
        return $"Cookie: {cookie.Split(';')[0]}";
    }

    public sealed class GuardedGateway : IAsyncLifetime
    {
        internal TestGateway Gateway { get; } = new("--Fn:Api:Tokens:0=manage-1", "--Fn:Api:InvokeTokens:0=invoke-1");

        public ValueTask InitializeAsync() => Gateway.InitializeAsync();

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
