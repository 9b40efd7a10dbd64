using Fn.Api.History.Redis;
using Fn.Api.Http;
using Fn.Api.Placement;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Redis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Fn.Api.History;

internal static class HistoryRegistration
{
    /// <summary>Adds the calls that are over, shared with other gateways when there is a Redis. Needs the hot registry.</summary>
    public static IServiceCollection AddHistory(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddFnOptions<HistoryOptions>(HistoryOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        if (configuration.HasRedis())
        {
            services.TryAddSingleton<ICallShare>(provider => new RedisCallShare(
                provider.GetRequiredService<IConnectionMultiplexer>,
                provider.GetRequiredService<ClusterKey>(),
                provider.GetRequiredService<IOptions<HistoryOptions>>(),
                provider.GetRequiredService<TimeProvider>()));
        }
        services.TryAddSingleton<ICallShare, NoCallShare>();
        services.TryAddSingleton<CallHistory>();
        services.TryAddSingleton<ICallHistory>(provider => provider.GetRequiredService<CallHistory>());
        services.TryAddSingleton<CallEndpoints>();
        services.AddHostedService<HistoryWorker>();
        services.TryAddSingleton<IFunctionLogs>(provider => new FunctionLogs(
            provider.GetRequiredService<ClusterView>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<IRunnerLogs>()));
        services.TryAddSingleton<LogEndpoint>();
        return services;
    }

    public static void MapHistory(this IEndpointRouteBuilder routes)
    {
        var calls = routes.ServiceProvider.GetRequiredService<CallEndpoints>();
        routes.MapApi(HttpMethods.Get, "/v2/fns/{id}/calls", calls.ListAsync);
        routes.MapApi(HttpMethods.Get, "/v2/calls/{call}", calls.GetAsync);
        routes.MapGet("/v2/fns/{id}/logs", routes.ServiceProvider.GetRequiredService<LogEndpoint>().HandleAsync);
    }
}
