using Fn.Api.Dashboard.Components;
using Fn.Api.Dashboard.Components.Parts;
using Fn.Api.Dashboard.Edit;
using Fn.Api.Dashboard.Hosting;
using Fn.Api.Dashboard.Invoke;
using Fn.Api.Dashboard.Listing;
using Fn.Api.Dashboard.Live;
using Fn.Api.Dashboard.SignIn;
using Fn.ServiceDefaults.Configuration;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.FluentUI.AspNetCore.Components;

namespace Fn.Api.Dashboard;

internal static class DashboardRegistration
{
    /// <summary>Most bytes of one message of a browser: a body to invoke with, with room for its frame.</summary>
    private const int MaxMessage = 2 * 1024 * 1024;

    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.AddFnOptions<DashboardOptions>(DashboardOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DashboardOptions>, DashboardOptionsValidator>());
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(options => options.MaximumReceiveMessageSize = MaxMessage);
        services.AddFluentUIComponents();
        services.AddSingleton<DashboardPipeline>();
        services.AddSingleton<SessionCookie>();
        services.AddSingleton<ClusterSketch>();
        services.AddSingleton<CallsSketch>();
        services.AddSingleton<LiveSketch>();
        services.AddSingleton<LiveSources>();
        services.AddSingleton<ViewerTurns>();
        services.AddSingleton<LiveFeed>();
        services.AddSingleton<ChartPrints>();
        services.AddScoped<PageSight>();
        services.AddSingleton<RunnerDesk>();
        services.AddSingleton<FunctionRankings>();
        services.AddSingleton<FunctionLister>();
        services.AddSingleton<FunctionEditor>();
        services.AddSingleton<Invoker>();
        return services.AddSharedProtection();
    }

    public static void MapDashboard(this IEndpointRouteBuilder routes) =>
        routes.Map($"{DashboardPipeline.Root}/{{**rest}}", routes.ServiceProvider.GetRequiredService<DashboardPipeline>().InvokeAsync);

    /// <summary>Puts protection that all gateways share in the place of the framework's, and takes out what makes that one's keys at the start.</summary>
    private static IServiceCollection AddSharedProtection(this IServiceCollection services)
    {
        services.Replace(ServiceDescriptor.Singleton<IDataProtectionProvider, SharedProtector>());
        foreach (var keyMaker in services.Where(service => service.ServiceType == typeof(IHostedService)
            && service.ImplementationType?.Assembly == typeof(DataProtectionOptions).Assembly).ToList())
            services.Remove(keyMaker);
        return services;
    }
}
