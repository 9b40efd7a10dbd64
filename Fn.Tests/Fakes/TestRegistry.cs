using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace Fn.Tests.Fakes;

internal static class TestRegistry
{
    /// <summary>Adds what a gateway without Redis has for a cluster: no key, and a registry in its memory.</summary>
    public static IServiceCollection AddInMemoryRegistry(this IServiceCollection services)
    {
        services.AddFnOptions<ClusterOptions>(ClusterOptions.Section);
        return services.AddSingleton(ClusterKey.None).AddSingleton<RegistryHealth>().AddSingleton<IHotRegistry, InMemoryRegistry>();
    }
}
