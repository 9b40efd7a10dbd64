using System.Globalization;

namespace Fn.AppHost;

/// <summary>What gateways and runners are told, as the environment variables of docs/configuration.md.</summary>
internal static class ServiceSettings
{
    /// <summary>Membership in the cluster, which a service joins once Redis answers; it counts as up when it can serve calls.</summary>
    public static IResourceBuilder<ProjectResource> WithCluster(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> redis, IResourceBuilder<ParameterResource> key) =>
        service.WithReference(redis).WaitFor(redis).WithEnvironment("Fn__Cluster__Key", key).WithHttpHealthCheck("/health");

    /// <summary>A runner takes the machine's memory, and starts as many containers at once as its processors bear, for itself unless it is told how many it shares with.</summary>
    public static IResourceBuilder<ProjectResource> WithShareOfMachine(this IResourceBuilder<ProjectResource> runner, int count)
    {
        var starts = Math.Max(1, Environment.ProcessorCount * 2 / count);
        return runner
            .WithEnvironment("Fn__Runner__Instances", count.ToString(CultureInfo.InvariantCulture))
            .WithEnvironment("Fn__Runner__MaxStarts", starts.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Lets a runner run the examples, which the gateway in Development creates: scripts among the sources, programs among what was built with this one.</summary>
    public static IResourceBuilder<ProjectResource> WithExamples(this IResourceBuilder<ProjectResource> runner, string appHostDirectory)
    {
        var examples = Path.GetFullPath("../examples", appHostDirectory);
        var binaries = Path.GetFullPath("../..", Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return runner.WithEnvironment("Fn__Runner__ProcessRoots__0", examples).WithEnvironment("Fn__Runner__ProcessRoots__1", binaries);
    }
}
