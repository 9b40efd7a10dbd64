using Fn.Api.Placement;
using Fn.ServiceDefaults.Registry;
using Fn.Tests.Api.Placement;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class HotMapPageTests(TestGateway gateway) : IClassFixture<TestGateway>
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

    [Fact]
    public async Task Page_Runners_ShowsWhatIsHotOnThem()
    {
        var view = gateway.Services.GetRequiredService<ClusterView>();
        var runner = Views.Runner(1, reservedMiB: 64) with { Name = "<b>runner</b>" };
        view.Apply(new RegistryReport { Runner = runner, Pools = new Dictionary<string, PoolRecord> { ["r"] = Views.Pool([10], busy: 2) }, Full = true }, TimeSpan.Zero);

        var answer = await gateway.Client.GetAsync("/dashboard/");

        Assert.Equal((200, "text/html; charset=utf-8"), (answer.Status, answer.Header("Content-Type")));
        Assert.Contains("64 MiB of 256 MiB reserved", answer.Body, StringComparison.Ordinal);
        // A function that is not in the store is shown by its id.
        Assert.Contains("<td>f<td class=n>1<td class=n>2", answer.Body, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;runner&lt;/b&gt;", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", answer.Body, StringComparison.Ordinal);
    }
}
