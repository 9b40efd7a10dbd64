using Microsoft.AspNetCore.Hosting.StaticWebAssets;

namespace Fn.Api.Dashboard.Hosting;

/// <summary>Where the dashboard's files are, whatever directory the gateway is started in, and whichever process it is a part of.</summary>
internal static class DashboardFiles
{
    private const string Build = "Fn.Api.staticwebassets";

    /// <summary>Where a publish puts them. A build leaves them where they are, and lists where that is.</summary>
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "wwwroot");

    /// <summary>What there is to serve.</summary>
    public static string Endpoints { get; } = Path.Combine(AppContext.BaseDirectory, $"{Build}.endpoints.json");

    /// <summary>Finds them after a build too, whatever the environment.</summary>
    public static void UseDashboardFiles(this IWebHostBuilder host)
    {
        host.UseSetting(WebHostDefaults.StaticWebAssetsKey, Path.Combine(AppContext.BaseDirectory, $"{Build}.runtime.json"));
        host.ConfigureAppConfiguration(static (context, _) => StaticWebAssetsLoader.UseStaticWebAssets(context.HostingEnvironment, context.Configuration));
    }
}
