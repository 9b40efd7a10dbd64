using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;

namespace Fn.AppHost.Online.Publishing;

/// <summary>
/// Azure: gateways as Container Apps. These cannot give a runner a container engine, so the runners are virtual machines in the same network. Redis and
/// PostgreSQL are reached by key and password: the services know connection strings, not Azure's identities.
/// </summary>
internal static class AzureTarget
{
    private const int MinReplicas = 2;

    public static void Add(IDistributedApplicationBuilder builder, IResourceBuilder<ParameterResource> clusterKey)
    {
        var network = builder.AddBicepTemplate("network", "../deploy/azure/network.bicep");
        builder.AddAzureContainerAppEnvironment("apps").ConfigureInfrastructure(infrastructure =>
        {
            var environment = infrastructure.GetProvisionableResources().OfType<ContainerAppManagedEnvironment>().Single();
            environment.VnetConfiguration = new ContainerAppVnetConfiguration
            {
                InfrastructureSubnetId = network.GetOutput("appsSubnetId").AsProvisioningParameter(infrastructure, "appsSubnetId"),
            };
        });
        var redis = builder.AddAzureManagedRedis("redis").RunAsContainer().WithAccessKeyAuthentication();
        var database = builder.AddAzurePostgresFlexibleServer("postgres").WithPasswordAuthentication().AddDatabase("fndb");

        builder.AddGateway(redis, database, clusterKey).PublishAsAzureContainerApp((_, app) =>
        {
            app.Template.Scale.MinReplicas = MinReplicas;
            app.Template.TerminationGracePeriodSeconds = EnginePaths.StopSeconds;
        });
        builder.AddBicepTemplate("runners", "../deploy/azure/runners.bicep")
            .WithParameter("subnetId", network.GetOutput("runnersSubnetId"))
            .WithParameter("redisName", redis.Resource.NameOutputReference)
            .WithParameter("clusterKey", clusterKey)
            .WithParameter("runnerPackage", builder.AddParameter("runner-package", secret: true))
            .WithParameter("sshPublicKey", builder.AddParameter("runner-ssh-key"));
    }
}
