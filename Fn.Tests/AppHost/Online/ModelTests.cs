using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.AppHost.Online;

/// <summary>The app model as Aspire understands it; nothing is started.</summary>
public sealed class ModelTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Model_Run_IsARedisAGatewayAndAsManyRunnersAsAskedFor()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Fn_AppHost>(["--runners", "3"], Cancel);
        await using var app = await builder.BuildAsync(Cancel);
        var model = app.Services.GetRequiredService<DistributedApplicationModel>();

        Assert.Equal("redis", Assert.Single(model.Resources.OfType<RedisResource>()).Name);
        Assert.Equal(["api", "runner-1", "runner-2", "runner-3"], model.GetProjectResources().Select(project => project.Name).Order());
    }

    [Fact]
    public async Task Model_Services_WaitForWhatTheyNeedAndSayWhenTheyServe()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Fn_AppHost>([], Cancel);
        await using var app = await builder.BuildAsync(Cancel);
        var projects = app.Services.GetRequiredService<DistributedApplicationModel>().GetProjectResources().ToDictionary(project => project.Name);

        Assert.Equal(["redis", "runner-1", "runner-2"], WaitsFor(projects["api"]));
        Assert.Equal(["redis"], WaitsFor(projects["runner-1"]));
        Assert.All(projects.Values, project => Assert.Contains("/health", Assert.Single(project.Annotations.OfType<HealthCheckAnnotation>()).Key, StringComparison.Ordinal));
        Assert.True(Assert.Single(projects["api"].Annotations.OfType<EndpointAnnotation>()).IsExternal);
        Assert.False(Assert.Single(projects["runner-1"].Annotations.OfType<EndpointAnnotation>()).IsExternal);
    }

    [Fact]
    public async Task Model_Runners_CanBeDrainedAndEmptied()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Fn_AppHost>([], Cancel);
        await using var app = await builder.BuildAsync(Cancel);
        var projects = app.Services.GetRequiredService<DistributedApplicationModel>().GetProjectResources().ToDictionary(project => project.Name);

        foreach (var runner in (string[])["runner-1", "runner-2"])
        {
            var commands = projects[runner].Annotations.OfType<ResourceCommandAnnotation>().Select(command => command.Name).ToList();
            Assert.Contains("drain", commands);
            Assert.Contains("evict-idle", commands);
        }
        Assert.DoesNotContain(projects["api"].Annotations.OfType<ResourceCommandAnnotation>(), command => command.Name == "drain");
    }

    [Fact]
    public async Task Model_Runners_ShareTheMachineAndTheKeyOfTheCluster()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Fn_AppHost>(["--runners", "3", "Parameters:cluster-key=known"], Cancel);
        await using var app = await builder.BuildAsync(Cancel);
        var model = app.Services.GetRequiredService<DistributedApplicationModel>();
        var port = 20_000;
        foreach (var endpoint in model.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>()))
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", ++port, targetPortExpression: "5000");

        var api = await EnvironmentAsync(model, "api");
        var runner = await EnvironmentAsync(model, "runner-2");

        Assert.Equal(("known", "known"), (api["Fn__Cluster__Key"], runner["Fn__Cluster__Key"]));
        Assert.Equal(api["ConnectionStrings__redis"], runner["ConnectionStrings__redis"]);
        Assert.Equal("3", runner["Fn__Runner__Instances"]);
        Assert.True(Directory.Exists(runner["Fn__Runner__ProcessRoots__0"]));
        Assert.True(Directory.Exists(runner["Fn__Runner__ProcessRoots__1"]));
    }

#if ASPIRE_PUBLISHING
    [Fact]
    public async Task Model_PublishedToAzure_HasVirtualMachinesInPlaceOfRunners()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Fn_AppHost>(["--operation", "publish", "--publisher", "manifest"], Cancel);
        await using var app = await builder.BuildAsync(Cancel);
        var model = app.Services.GetRequiredService<DistributedApplicationModel>();

        Assert.Equal(["api"], model.GetProjectResources().Select(project => project.Name));
        Assert.Contains(model.Resources, resource => resource.Name == "runners");
        Assert.Contains(model.Resources, resource => resource.Name == "fndb");
    }

    [Theory]
    [InlineData("compose")]
    [InlineData("k8s")]
    public async Task Model_PublishedElsewhere_HasGatewayAndRunner(string target)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Fn_AppHost>(["--operation", "publish", "--target", target], Cancel);
        await using var app = await builder.BuildAsync(Cancel);

        Assert.Equal(["api", "runner"], app.Services.GetRequiredService<DistributedApplicationModel>().GetProjectResources().Select(project => project.Name).Order());
    }
#endif

    private static IEnumerable<string> WaitsFor(ProjectResource resource) =>
        resource.Annotations.OfType<WaitAnnotation>().Where(wait => wait.WaitType == WaitType.WaitUntilHealthy).Select(wait => wait.Resource.Name).Order();

    private static async Task<Dictionary<string, string>> EnvironmentAsync(DistributedApplicationModel model, string name)
    {
        var resource = model.GetProjectResources().Single(project => project.Name == name);
#pragma warning disable CS0618 // Its successor is not in every version of 13.
        return await resource.GetEnvironmentVariableValuesAsync(DistributedApplicationOperation.Run);
#pragma warning restore CS0618
    }
}
