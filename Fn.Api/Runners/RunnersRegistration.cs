using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fn.Api.Runners;

internal static class RunnersRegistration
{
    /// <summary>Adds the runners of <c>Fn:Runners</c>, or the <see cref="IRunner"/> that is registered in this process.</summary>
    public static IServiceCollection AddRunners(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddFnOptions<RunnersOptions>(RunnersOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RunnersOptions>, RunnersOptionsValidator>());
        services.TryAddSingleton(provider => new RunnerSet(
            provider.GetRequiredService<IOptions<RunnersOptions>>(),
            provider.GetService<IRunner>,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        return services;
    }
}
