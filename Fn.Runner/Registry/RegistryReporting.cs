using Fn.Runner.Slots;
using Fn.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fn.Runner.Registry;

internal static class RegistryReporting
{
    /// <summary>Has the runner of this process report to the <see cref="IHotRegistry"/>. Where gateways reach it: an <see cref="IRunnerAddress"/>, else in this process.</summary>
    public static IServiceCollection AddRegistryReporting(this IServiceCollection services)
    {
        services.TryAddSingleton<PoolChanges>();
        services.TryAddSingleton<IRunnerAddress, InProcessAddress>();
        services.TryAddSingleton<ReportBuilder>();
        services.AddHostedService<RegistryReporter>();
        return services;
    }
}
