using Fn.Api.Placement;
using Fn.Api.Runners;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.Api.Runners;

public sealed class RunnersOptionsTests
{
    [Theory]
    [InlineData("10.0.0.5:8081", "no absolute http address")]
    [InlineData("https://10.0.0.5", "no absolute http address")]
    [InlineData("http://10.0.0.5/path", "only scheme, host and port")]
    [InlineData("http://10.0.0.5/?x", "only scheme, host and port")]
    [InlineData("http://me@10.0.0.5", "only scheme, host and port")]
    [InlineData("http://GOOD:1", "listed before")]
    public void Validate_BadAddress_SaysWhichAndWhy(string address, string problem)
    {
        using var services = Services(["http://good:1", address]);

        var e = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<RunnersOptions>>().Value);

        var text = Assert.Single(e.Failures);
        Assert.Contains($"Fn:Runners:1 is '{address}'", text, StringComparison.Ordinal);
        Assert.Contains(problem, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Runners_Addresses_AreRemoteOnes()
    {
        using var services = Services(["http://10.0.0.5:8081", "http://10.0.0.6:8081/"]);

        var runners = services.GetRequiredService<ClusterView>().Runners;

        Assert.Equal(["http://10.0.0.5:8081", "http://10.0.0.6:8081"], runners.Select(runner => runner.Address));
        Assert.All(runners, runner => Assert.IsType<HttpRunner>(runner.Runner));
    }

    [Fact]
    public void Runners_NoAddresses_IsTheOneInThisProcess()
    {
        var own = new ScriptedRunner();
        using var services = Services([], own);

        Assert.Same(own, Assert.Single(services.GetRequiredService<ClusterView>().Runners).Runner);
    }

    [Fact]
    public void Runners_NoneAnywhere_SaysSo()
    {
        using var services = Services([]);

        Assert.Throws<InvalidOperationException>(services.GetRequiredService<ClusterView>);
    }

    private static ServiceProvider Services(string[] addresses, IRunner? own = null)
    {
        var settings = addresses.Select((address, i) => KeyValuePair.Create<string, string?>($"Fn:Runners:{i}", address));
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        if (own is not null)
            services.AddSingleton(own);
        services.AddInMemoryRegistry().AddRunners().AddPlacement();
        return services.BuildServiceProvider();
    }
}
