using Fn.Runner;
using Fn.Runner.Drivers;
using Fn.Runner.Drivers.Process;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Fn.Tests.Runner.Drivers;

/// <summary>Which driver runs images, by setting and by what there is.</summary>
public sealed class FoundDriverTests
{
    [Theory]
    [InlineData("auto", "runc", "oci")]
    [InlineData("auto", "/no/such/runtime", "docker")]
    [InlineData("oci", "/no/such/runtime", "oci")]
    [InlineData("docker", "runc", "docker")]
    [InlineData("none", "runc", null)]
    public async Task RemoveLeftovers_WithoutAnEngine_DecidesForWhatThereIs(string setting, string runtime, string? driver)
    {
        var data = Directory.CreateTempSubdirectory("fn-found-");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Fn:DataDirectory"] = data.FullName,
            ["Fn:Docker:Host"] = "unix:///tmp/no-such-engine.sock",
            ["Fn:Oci:Runtime"] = runtime,
            ["Fn:Runner:ContainerDriver"] = setting,
        });
        builder.Services.AddRunnerEngine(builder.Configuration);
        using (var host = builder.Build())
        {
            var found = host.Services.GetServices<IContainerDriver>().SingleOrDefault(each => each is not ProcessDriver);

            if (found is not null)
                await found.RemoveLeftoversAsync([], TestContext.Current.CancellationToken);

            Assert.Equal(driver, found?.Name);
        }
        data.Delete(recursive: true);
    }
}
