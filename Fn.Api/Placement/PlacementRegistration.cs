using Fn.Runner;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fn.Api.Placement;

internal static class PlacementRegistration
{
    public static IServiceCollection AddPlacement(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddFnOptions<CallOptions>(CallOptions.Section);
        services.TryAddSingleton<Placer>();
        return services;
    }
}
