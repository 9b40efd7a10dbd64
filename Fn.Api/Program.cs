using Fn.Api.Apps;
using Fn.Api.Dashboard;
using Fn.Api.Dashboard.Hosting;
using Fn.Api.Deploy;
using Fn.Api.Examples;
using Fn.Api.Functions;
using Fn.Api.History;
using Fn.Api.Http;
using Fn.Api.Invocation;
using Fn.Api.OpenApi;
using Fn.Api.Placement;
using Fn.Api.Root;
using Fn.Api.Runners;
using Fn.Api.Store;
using Fn.Api.Triggers;
using Fn.Api.Warmth;
using Fn.Runner;
using Fn.Runner.Registry;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Hosting;
using Fn.ServiceDefaults.Redis;
using Fn.ServiceDefaults.Registry;

namespace Fn.Api;

/// <summary>The gateway; with no runners configured, a runner too, in the same process.</summary>
internal static class Program
{
    private const int DefaultPort = 8080;

    public static Task<int> Main(string[] args) => FnHost.RunAsync(() => Build(args));

    /// <param name="args">The command line: settings.</param>
    /// <param name="replace">Puts services in the place of those that are added where there is none, such as the clock.</param>
    internal static WebApplication Build(string[] args, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, WebRootPath = DashboardFiles.Root });
        builder.WebHost.UseDashboardFiles();
        builder.Configuration.AddFnAliases(Environment.GetEnvironmentVariable, withPort: true);
        replace?.Invoke(builder.Services);
        builder.AddServiceDefaults(Hosting(builder.Configuration));
        builder.AddHotRegistry();
        builder.AddExamples();
        builder.Services.AddContractHttp().AddStore(builder.Configuration).AddApps().AddFunctions().AddTriggers().AddDeploy();
        builder.Services.AddInvocation().AddPlacement().AddRunners().AddWarmth().AddHistory(builder.Configuration).AddDashboard();
        if (IsRunnerToo(builder.Configuration))
            builder.Services.AddRunnerEngine(builder.Configuration).AddRegistryReporting();

        var app = builder.BuildChecked();
        app.UseContractHttp();
        app.MapServiceDefaults();
        app.MapRoot();
        app.MapApps();
        app.MapFunctions();
        app.MapTriggers();
        app.MapDeploy();
        app.MapRunners();
        app.MapHistory();
        app.MapInvocation();
        app.MapOpenApi();
        app.MapDashboard();
        return app;
    }

    private static bool IsRunnerToo(IConfiguration configuration) =>
        !configuration.HasRedis() && configuration.ReadFnOptions<RunnersOptions>(RunnersOptions.Section).Runners.Count == 0;

    private static ServiceHosting Hosting(IConfiguration configuration)
    {
        var options = configuration.ReadFnOptions<ApiOptions>(ApiOptions.Section);
        var cluster = configuration.ReadFnOptions<ClusterOptions>(ClusterOptions.Section);
        var knowsRunners = IsRunnerToo(configuration) || !string.IsNullOrEmpty(cluster.Key);
        return new ServiceHosting
        {
            DefaultPort = DefaultPort,
            MayLeaveLoopback = knowsRunners && (options.Tokens.Count > 0 || options.AllowAnonymous),
            HowToOpen = knowsRunners
                ? $"set {ApiOptions.Section}:Tokens, or {ApiOptions.Section}:AllowAnonymous=true to let anybody in"
                : $"set {ClusterOptions.Section}:{nameof(ClusterOptions.Key)}, on the runners too, and {ApiOptions.Section}:Tokens",
            Tokens = options.Tokens,
            IsOpen = options.AllowAnonymous && options.Tokens.Count == 0,
            MaxRequestHeaderSize = (int)options.MaxRequestHeaderSize,
        };
    }
}
