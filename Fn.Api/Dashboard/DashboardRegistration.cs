using Fn.Api.Http;

namespace Fn.Api.Dashboard;

internal static class DashboardRegistration
{
    public static IServiceCollection AddDashboard(this IServiceCollection services) => services.AddSingleton<HotMapPage>();

    public static void MapDashboard(this IEndpointRouteBuilder routes)
    {
        var page = routes.ServiceProvider.GetRequiredService<HotMapPage>();
        routes.MapGet("/dashboard/", page.WriteAsync).WithMetadata(KeepsSlash.Instance);
    }
}
