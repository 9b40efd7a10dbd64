using Aspire.Hosting.Kubernetes.Resources;

namespace Fn.AppHost.Online.Publishing;

/// <summary>
/// A Helm chart. It has no daemon sets, so the runners are a deployment; deploy/kubernetes has them on each node that has an engine. The publisher refuses bind
/// mounts, so what the runner needs of its node is added to its pod.
/// </summary>
internal static class KubernetesTarget
{
    private const int Replicas = 2;

    public static void Add(IDistributedApplicationBuilder builder, IResourceBuilder<ParameterResource> clusterKey)
    {
        builder.AddKubernetesEnvironment("k8s");
        var redis = builder.AddRedis("redis");
        builder.AddGateway(redis, builder.AddDatabaseContainer(), clusterKey)
            .WithReplicas(Replicas)
            .WithProbes()
            .PublishAsKubernetesService(resource => resource.Workload!.PodTemplate.Spec.TerminationGracePeriodSeconds = EnginePaths.StopSeconds);
        builder.AddRunner(redis, clusterKey)
            .WithReplicas(Replicas)
            .WithProbes()
            .PublishAsKubernetesService(resource =>
            {
                var pod = resource.Workload!.PodTemplate.Spec;
                pod.TerminationGracePeriodSeconds = EnginePaths.StopSeconds;
                pod.Containers[0].SecurityContext = new SecurityContextV1 { RunAsUser = 0 };
                foreach (var path in EnginePaths.All)
                    Mount(pod, path);
            });
    }

    /// <summary>By the name of the endpoint: without, the publisher takes one for https, which nobody serves here.</summary>
    private static IResourceBuilder<ProjectResource> WithProbes(this IResourceBuilder<ProjectResource> service)
    {
#pragma warning disable ASPIREPROBES001 // For evaluation, says Aspire.
        return service
            .WithHttpProbe(ProbeType.Liveness, "/alive", endpointName: "http")
            .WithHttpProbe(ProbeType.Readiness, "/health", endpointName: "http");
#pragma warning restore ASPIREPROBES001
    }

    private static void Mount(PodSpecV1 pod, string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        var type = path == EnginePaths.Engine ? "Socket" : "DirectoryOrCreate";
        pod.Volumes.Add(new VolumeV1 { Name = name, HostPath = new HostPathVolumeSourceV1 { Path = path, Type = type } });
        pod.Containers[0].VolumeMounts.Add(new VolumeMountV1 { Name = name, MountPath = path });
    }
}
