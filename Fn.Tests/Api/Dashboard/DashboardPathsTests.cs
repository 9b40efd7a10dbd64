using Fn.Api.Dashboard.Hosting;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class DashboardPathsTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", 302)]
    [InlineData("*/*", 200)]
    [InlineData("application/json", 200)]
    public async Task Root_Accept_ShowsPeopleTheDashboard(string accept, int status)
    {
        var answer = await gateway.Client.GetAsync("/", $"Accept: {accept}");

        Assert.Equal(status, answer.Status);
        if (status == 302)
            Assert.Equal("/dashboard/", answer.Header("Location"));
    }

    [Theory]
    [InlineData("/dashboard/", 200, "text/html; charset=utf-8")]
    [InlineData("/dashboard/hot", 200, "text/html; charset=utf-8")]
    [InlineData("/dashboard/nowhere", 404, "text/html; charset=utf-8")]
    [InlineData("/dashboard/css/base.css", 200, "text/css")]
    [InlineData("/dashboard/_framework/blazor.web.js", 200, "text/javascript")]
    [InlineData("/dashboard/_content/Microsoft.FluentUI.AspNetCore.Components/Microsoft.FluentUI.AspNetCore.Components.lib.module.js", 200, "text/javascript")]
    public async Task Path_OfTheDashboard_IsServedUnderAStrictPolicy(string path, int status, string type)
    {
        var answer = await gateway.Client.GetAsync(path);

        Assert.Equal((status, type, DashboardHeaders.Policy), (answer.Status, answer.Header("Content-Type"), answer.Header("Content-Security-Policy")));
        if (type.StartsWith("text/html", StringComparison.Ordinal))
            Assert.DoesNotContain("http://", answer.Body.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal).Replace($"http://{gateway.Client.Host}", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_WithoutTheSlash_LeadsToIt()
    {
        var answer = await gateway.Client.GetAsync("/dashboard");

        Assert.Equal((302, "/dashboard/"), (answer.Status, answer.Header("Location")));
    }

    [Theory]
    [InlineData("/Dashboard/")]
    [InlineData("/_framework/blazor.web.js")]
    [InlineData("/_blazor")]
    [InlineData("/hot")]
    [InlineData("/css/base.css")]
    public async Task Path_OutsideOfTheDashboard_HasTheContractsAnswer(string path)
    {
        // The dashboard's own routes are there by now.
        await gateway.Client.GetAsync("/dashboard/");

        var answer = await gateway.Client.GetAsync(path);

        Assert.Equal((404, $"Path not found: GET {path}"), (answer.Status, answer.Message));
        Assert.Null(answer.Header("Content-Security-Policy"));
    }
}
