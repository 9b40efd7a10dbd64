using Fn.Runner.Calls.Http;
using Fn.Runner.Registry;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Hosting;
using Fn.ServiceDefaults.Redis;
using Fn.ServiceDefaults.Registry;

namespace Fn.Runner;

/// <summary>A runner by itself: the engine behind the seam's HTTP side. Serves gateways only.</summary>
internal static class Program
{
    private const int DefaultPort = 8081;

    public static Task<int> Main(string[] args) => FnHost.RunAsync(() => Build(args));

    private static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Configuration.AddFnAliases(Environment.GetEnvironmentVariable, withPort: false);
        builder.AddServiceDefaults(Hosting(builder.Configuration.ReadFnOptions<ClusterOptions>(ClusterOptions.Section)));
        builder.AddHotRegistry();
        builder.Services.AddRunnerEngine(builder.Configuration).AddRunnerEndpoints();
        // Without Redis, gateways are told of this runner by their own configuration.
        if (builder.Configuration.HasRedis())
            builder.Services.AddRegistryReporting();
        var app = builder.BuildChecked();
        app.MapServiceDefaults();
        app.MapRunner();
        return app;
    }

    private static ServiceHosting Hosting(ClusterOptions cluster) => new()
    {
        DefaultPort = DefaultPort,
        MayLeaveLoopback = !string.IsNullOrEmpty(cluster.Key),
        HowToOpen = $"set {ClusterOptions.Section}:{nameof(ClusterOptions.Key)}, on the gateways too",
    };
}
