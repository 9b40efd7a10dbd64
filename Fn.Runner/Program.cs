using Fn.Runner.Calls.Http;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Hosting;

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
        builder.AddServiceDefaults(new ServiceHosting { DefaultPort = DefaultPort, MayLeaveLoopback = false });
        builder.Services.AddRunnerEngine(builder.Configuration).AddRunnerEndpoints();
        var app = builder.BuildChecked();
        app.MapServiceDefaults();
        app.MapRunner();
        return app;
    }
}
