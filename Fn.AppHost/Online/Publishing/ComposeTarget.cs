using System.Globalization;
using Aspire.Hosting.Docker.Resources.ServiceNodes;

namespace Fn.AppHost.Online.Publishing;

/// <summary>Docker Compose: two gateways, and two runners that share the machine and its engine.</summary>
internal static class ComposeTarget
{
    private const int Replicas = 2;

    public static void Add(IDistributedApplicationBuilder builder, IResourceBuilder<ParameterResource> clusterKey)
    {
        builder.AddDockerComposeEnvironment("compose").WithDashboard(false);
        var redis = builder.AddRedis("redis");
        builder.AddGateway(redis, builder.AddDatabaseContainer(), clusterKey).PublishAsDockerComposeService((_, service) =>
        {
            service.Deploy = new() { Replicas = Replicas };
            service.StopGracePeriod = StopGracePeriod;
        });
        var runner = builder.AddRunner(redis, clusterKey).WithEnvironment("Fn__Runner__Instances", Replicas.ToString(CultureInfo.InvariantCulture));
        runner.PublishAsDockerComposeService((_, service) =>
        {
            service.Deploy = new() { Replicas = Replicas };
            service.StopGracePeriod = StopGracePeriod;
            service.User = "root";
            foreach (var path in EnginePaths.All)
                service.Volumes.Add(new Volume { Name = Path.GetFileNameWithoutExtension(path), Type = "bind", Source = path, Target = path });
        });
    }

    private static string StopGracePeriod => string.Create(CultureInfo.InvariantCulture, $"{EnginePaths.StopSeconds}s");
}
