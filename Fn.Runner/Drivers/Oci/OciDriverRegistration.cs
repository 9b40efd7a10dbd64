using Fn.Runner.Drivers.Docker;
using Fn.Runner.Drivers.Oci.Images;
using Fn.Runner.Drivers.Oci.Network;
using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Identity;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Oci;

internal static class OciDriverRegistration
{
    /// <summary>Adds the driver of images by an OCI runtime.</summary>
    public static IServiceCollection AddOciDriver(this IServiceCollection services)
    {
        services.AddOciServices();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IContainerDriver, OciDriver>());
        return services;
    }

    /// <summary>Adds the driver of images by what there is when the runner starts.</summary>
    public static IServiceCollection AddFoundDriver(this IServiceCollection services)
    {
        services.AddOciServices();
        services.TryAddSingleton<DockerDriver>();
        services.TryAddSingleton<OciDriver>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IContainerDriver, FoundDriver>());
        return services;
    }

    private static void AddOciServices(this IServiceCollection services)
    {
        services.AddDockerServices();
        services.AddFnOptions<DataOptions>(DataOptions.Section);
        services.AddFnOptions<OciOptions>(OciOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OciOptions>, OciOptionsValidator>());
        services.TryAddSingleton<RunnerIdentity>();
        services.TryAddSingleton<BackgroundWork>();
        services.TryAddSingleton<ImageStore>();
        services.TryAddSingleton<EngineImages>();
        services.TryAddSingleton<OciImages>();
        services.TryAddSingleton(provider => new RuntimeFinder(
            provider.GetRequiredService<IOptions<OciOptions>>(),
            provider.GetRequiredService<IOptions<RunnerOptions>>(),
            Cgroups.Find,
            provider.GetRequiredService<ILogger<RuntimeFinder>>()));
        services.TryAddSingleton(provider =>
        {
            var identity = provider.GetRequiredService<RunnerIdentity>();
            return new ContainerNetworks(
                provider.GetRequiredService<IOptions<OciOptions>>(),
                provider.GetRequiredService<ImageStore>(),
                provider.GetRequiredService<RuntimeFinder>(),
                () => identity.Id,
                provider.GetRequiredService<BackgroundWork>(),
                provider.GetRequiredService<ILogger<ContainerNetworks>>());
        });
    }
}
