using Fn.AppHost.Offline;
using Xunit;

namespace Fn.Tests.AppHost.Offline;

public sealed class ServiceProgramTests
{
    private static readonly LaunchProfile Profile =
        new("local", new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Fn__Runner__Instances"] = "9" });

    [Fact]
    public void Variables_ServiceOfTheModel_AreThoseThatAspireGives()
    {
        var variables = ServiceProgram.Variables(Service(), Profile, withTelemetry: false);

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["ASPNETCORE_URLS"] = "http://localhost:8123",
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["DOTNET_LAUNCH_PROFILE"] = "local",
                ["ConnectionStrings__redis"] = "localhost:7000,password=s3cret",
                ["REDIS_HOST"] = "localhost",
                ["REDIS_PORT"] = "7000",
                ["REDIS_PASSWORD"] = "s3cret",
                ["REDIS_URI"] = "redis://:s3cret@localhost:7000",
                ["Fn__Runner__Instances"] = "2",
                ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory",
                ["LOGGING__CONSOLE__FORMATTERNAME"] = "simple",
            },
            variables);
    }

    [Fact]
    public void Variables_TelemetryHasSomewhereToGo_NameTheService()
    {
        var without = ServiceProgram.Variables(Service(), Profile, withTelemetry: false);
        var with = ServiceProgram.Variables(Service(), Profile, withTelemetry: true);

        Assert.Equal("runner-1", with["OTEL_SERVICE_NAME"]);
        Assert.Matches("^service.instance.id=[a-z]{8}$", with["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.Equal(
            ["OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_METRICS_EXEMPLAR_FILTER", "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_TRACES_SAMPLER"],
            with.Keys.Except(without.Keys).Order(StringComparer.Ordinal));
    }

    private static ProjectResource Service()
    {
        var service = new ProjectResource("runner-1", new Projects.Fn_Runner()) { Port = 8123 };
        service.References.Add(new RedisResource("redis", "s3cret") { Port = 7000 });
        service.Environment["Fn__Runner__Instances"] = "2";
        return service;
    }
}
