using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fn.Api.Placement;

internal static class PlacementRegistration
{
    public static IServiceCollection AddPlacement(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddFnOptions<PlacementOptions>(PlacementOptions.Section);
        services.TryAddSingleton<Placer>();
        return services;
    }
}
