using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fn.Runner.Drivers.Process;

internal static class ProcessDriverRegistration
{
    /// <summary>Adds the driver of <c>process:</c> images.</summary>
    public static IServiceCollection AddProcessDriver(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ProcessFiles>();
        services.TryAddSingleton<ProcessSweeper>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IContainerDriver, ProcessDriver>());
        return services;
    }
}
