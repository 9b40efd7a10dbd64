using Fn.Api.Http;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fn.Api.Runners;

internal static class RunnersRegistration
{
    /// <summary>Adds the way to the runners of <c>Fn:Runners</c>, to those that the registry tells of, or to the <see cref="IRunner"/> of this process.</summary>
    public static IServiceCollection AddRunners(this IServiceCollection services)
    {
        services.AddFnOptions<RunnersOptions>(RunnersOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RunnersOptions>, RunnersOptionsValidator>());
        services.TryAddSingleton(provider => new RunnerConnector(
            provider.GetService<IRunner>(), provider.GetRequiredService<ClusterKey>(), provider.GetRequiredService<ILoggerFactory>()));
        services.TryAddSingleton<RunnerOrders>();
        services.TryAddSingleton<RunnerEndpoints>();
        return services;
    }

    public static void MapRunners(this IEndpointRouteBuilder routes)
    {
        var runners = routes.ServiceProvider.GetRequiredService<RunnerEndpoints>();
        routes.MapApi(HttpMethods.Get, "/v2/runners", runners.ListAsync);
        routes.MapApi(HttpMethods.Get, "/v2/runners/{runner}", runners.GetAsync);
        routes.MapApi(HttpMethods.Post, "/v2/runners/{runner}/drain", runners.DrainAsync);
        routes.MapApi(HttpMethods.Post, "/v2/runners/{runner}/evict", runners.EvictAsync);
        routes.MapApi(HttpMethods.Get, "/v2/fns/{id}/hot", runners.HotAsync);
    }
}
