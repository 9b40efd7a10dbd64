using Fn.Api.Http;

namespace Fn.Api.Apps;

internal static class AppRegistration
{
    public static IServiceCollection AddApps(this IServiceCollection services) => services.AddSingleton<AppEndpoints>();

    public static void MapApps(this IEndpointRouteBuilder routes)
    {
        var apps = routes.ServiceProvider.GetRequiredService<AppEndpoints>();
        routes.MapApi(HttpMethods.Get, "/v2/apps", apps.ListAsync);
        routes.MapApi(HttpMethods.Post, "/v2/apps", apps.CreateAsync);
        routes.MapApi(HttpMethods.Get, "/v2/apps/{id}", apps.GetAsync);
        routes.MapApi(HttpMethods.Put, "/v2/apps/{id}", apps.UpdateAsync);
        routes.MapApi(HttpMethods.Delete, "/v2/apps/{id}", apps.DeleteAsync);
    }
}
