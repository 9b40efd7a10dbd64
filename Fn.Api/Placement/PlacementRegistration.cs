using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fn.Api.Placement;

internal static class PlacementRegistration
{
    public static IServiceCollection AddPlacement(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<PlacementOptions>().BindConfiguration(PlacementOptions.Section);
        services.TryAddSingleton<Placer>();
        return services;
    }
}
