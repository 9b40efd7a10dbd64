using Fn.Runner.Calls;
using Fn.Runner.Containers;
using Fn.Runner.Drivers.Docker;
using Fn.Runner.Drivers.Oci;
using Fn.Runner.Drivers.Process;
using Fn.Runner.Eviction;
using Fn.Runner.Formats;
using Fn.Runner.Identity;
using Fn.Runner.Resources;
using Fn.Runner.Slots;
using Fn.Runner.Telemetry;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fn.Runner;

/// <summary>Registers the engine: what Fn.Runner serves over HTTP, and what Fn.Api runs inside itself when no runners are configured.</summary>
internal static class RunnerServices
{
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(15);

    public static IServiceCollection AddRunnerEngine(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddFnOptions<DataOptions>(DataOptions.Section);
        services.AddFnOptions<RunnerOptions>(RunnerOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RunnerOptions>, RunnerOptionsValidator>());
        services.AddFnOptions<CallOptions>(CallOptions.Section);
        services.AddFnOptions<ContainerOptions>(ContainerOptions.Section);
        services.AddProcessDriver().AddFunctionFormats();
        services.AddContainerDriver(configuration.ReadFnOptions<RunnerOptions>(RunnerOptions.Section).ContainerDriver);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RunnerIdentity>();
        services.TryAddSingleton<BackgroundWork>();
        services.TryAddSingleton<SocketDirectories>();
        services.TryAddSingleton<FunctionLog>();
        services.TryAddSingleton<FunctionLogTail>();
        services.TryAddSingleton<IRunnerLogs>(provider => provider.GetRequiredService<FunctionLogTail>());
        services.TryAddSingleton<ContainerLauncher>();
        services.TryAddSingleton<DriverStarts>();
        services.TryAddSingleton<IEvictionPolicy, LeastRecentlyUsedPolicy>();
        services.TryAddSingleton(provider => new MemoryLedger(MemoryBudget.Find(Value<RunnerOptions>(provider), MemoryBudget.ReadFile).Bytes));
        services.TryAddSingleton(provider => new CallQueue(Value<CallOptions>(provider).MaxQueued));
        services.TryAddSingleton(provider => new StartDispatcher(
            provider.GetRequiredService<MemoryLedger>(),
            provider.GetRequiredService<IEvictionPolicy>(),
            provider.GetRequiredService<BackgroundWork>(),
            Value<RunnerOptions>(provider).MaxStarts ?? Environment.ProcessorCount * 2,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<StartDispatcher>>()));
        services.TryAddSingleton(provider => new SlotServices(
            provider.GetRequiredService<StartDispatcher>(),
            provider.GetRequiredService<ContainerLauncher>(),
            provider.GetRequiredService<DriverStarts>(),
            provider.GetRequiredService<CallQueue>(),
            provider.GetRequiredService<BackgroundWork>(),
            Value<CallOptions>(provider),
            Value<ContainerOptions>(provider),
            provider.GetRequiredService<TimeProvider>())
        {
            Changes = provider.GetService<PoolChanges>(),
            ProcessorsIdle = ProcessorTime.Idle,
            Telemetry = provider.GetRequiredService<RunnerTelemetry>(),
        });
        services.TryAddSingleton<RunnerTelemetry>();
        services.TryAddSingleton<SlotPools>();
        services.TryAddSingleton<RunnerEngine>();
        services.TryAddSingleton<IRunner>(provider => provider.GetRequiredService<RunnerEngine>());
        services.TryAddSingleton<IRunnerControl>(provider => provider.GetRequiredService<RunnerEngine>());
        services.TryAddSingleton<IRunnerWarmer>(provider => provider.GetRequiredService<RunnerEngine>());
        services.TryAddSingleton<IRunnerStatusSource>(provider => provider.GetRequiredService<RunnerEngine>());
        services.AddHostedService<RunnerLifetime>();
        services.AddHostedService<RunnerGauges>();
        services.AddHealthChecks().AddCheck<RunnerHealthCheck>("runner");
        // The drain must end by its own limit, not by the host's, which is shorter; the rest is for ending the containers.
        services.AddOptions<HostOptions>().Configure<IOptions<RunnerOptions>>((host, runner) => host.ShutdownTimeout = runner.Value.DrainTimeout + StopReserve);
        return services;
    }

    private static void AddContainerDriver(this IServiceCollection services, ContainerDriverKind kind)
    {
        if (kind == ContainerDriverKind.Docker)
            services.AddDockerDriver();
        else if (kind == ContainerDriverKind.Oci)
            services.AddOciDriver();
        else if (kind == ContainerDriverKind.Auto)
            services.AddFoundDriver();
    }

    private static T Value<T>(IServiceProvider provider)
        where T : class => provider.GetRequiredService<IOptions<T>>().Value;
}
