using Fn.Runner.Containers;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Docker;

internal static class DockerDriverRegistration
{
    /// <summary>Adds the driver of images, on a Docker engine.</summary>
    public static IServiceCollection AddDockerDriver(this IServiceCollection services)
    {
        services.AddDockerServices();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IContainerDriver, DockerDriver>());
        return services;
    }

    /// <summary>Adds what talks to a Docker engine: the driver, and who takes images from it.</summary>
    public static IServiceCollection AddDockerServices(this IServiceCollection services)
    {
        services.AddFnOptions<DockerOptions>(DockerOptions.Section);
        services.AddFnOptions<ContainerOptions>(ContainerOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DockerOptions>, DockerOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new DockerEngine(
            provider.GetRequiredService<IOptions<DockerOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping));
        services.TryAddSingleton<DockerCredentials>();
        services.TryAddSingleton<DockerImages>();
        services.TryAddSingleton<DockerEvents>();
        return services;
    }
}
