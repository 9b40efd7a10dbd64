using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Fn.ServiceDefaults.Registry;

public static class RegistryRegistration
{
    /// <summary>Adds the cluster's key and its registry: in Redis when <c>ConnectionStrings:redis</c> is given, else in the memory of this process.</summary>
    public static IHostApplicationBuilder AddHotRegistry(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddFnOptions<ClusterOptions>(ClusterOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>());
        services.TryAddSingleton(provider => new ClusterKey(provider.GetRequiredService<IOptions<ClusterOptions>>()));
        services.TryAddSingleton<RegistryHealth>();
        services.TryAddSingleton(TimeProvider.System);
        if (!builder.Configuration.HasRedis())
        {
            services.TryAddSingleton<IHotRegistry, InMemoryRegistry>();
            return builder;
        }
        builder.AddSharedRedis();
        services.TryAddSingleton<IHotRegistry>(provider => new RedisRegistry(
            provider.GetRequiredService<IConnectionMultiplexer>,
            provider.GetRequiredService<IOptions<ClusterOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RedisRegistry>>()));
        services.AddHealthChecks().AddCheck<RegistryHealth>("registry");
        return builder;
    }
}
