using Fn.Api.Runners;
using Fn.Api.Telemetry;
using Fn.Runner;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Redis;
using Fn.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fn.Api.Placement;

internal static class PlacementRegistration
{
    /// <summary>Adds the view of the cluster and who places calls by it. Needs the hot registry and the runners.</summary>
    public static IServiceCollection AddPlacement(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddFnOptions<CallOptions>(CallOptions.Section);
        services.TryAddSingleton(MakeView);
        services.TryAddSingleton<GatewayTelemetry>();
        services.TryAddSingleton<Placer>();
        services.AddHostedService<RegistryFeed>();
        return services;
    }

    private static ClusterView MakeView(IServiceProvider services)
    {
        var connector = services.GetRequiredService<RunnerConnector>();
        var time = services.GetRequiredService<TimeProvider>();
        string[] given = [.. services.GetRequiredService<IOptions<RunnersOptions>>().Value.Runners.Select(address => new Uri(address).GetLeftPart(UriPartial.Authority))];
        if (given.Length == 0 && connector.HasInProcess)
            given = [RunnerConnector.InProcess];
        var mayGrow = services.GetRequiredService<IConfiguration>().HasRedis();
        if (given.Length == 0 && !mayGrow)
            throw new InvalidOperationException($"{RunnersOptions.Section}:{nameof(RunnersOptions.Runners)} is empty, there is no Redis to tell of runners, and none runs in this process: calls could go nowhere.");
        return new ClusterView(
            [.. given.Select(address => new RunnerView(address, connector.Connect(address, null), time))],
            connector,
            services.GetRequiredService<ClusterKey>(),
            services.GetRequiredService<IOptions<ClusterOptions>>(),
            services.GetRequiredService<RegistryHealth>(),
            time,
            services.GetRequiredService<ILogger<ClusterView>>())
        {
            MayGrow = mayGrow,
        };
    }
}
