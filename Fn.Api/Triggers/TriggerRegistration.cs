using Fn.Api.Http;

namespace Fn.Api.Triggers;

internal static class TriggerRegistration
{
    public static IServiceCollection AddTriggers(this IServiceCollection services) => services
        .AddSingleton<TriggerEndpoints>()
        .AddSingleton<TriggerResolver>()
        .AddSingleton<HttpTriggerEndpoints>();

    public static void MapTriggers(this IEndpointRouteBuilder routes)
    {
        var triggers = routes.ServiceProvider.GetRequiredService<TriggerEndpoints>();
        routes.MapApi(HttpMethods.Get, "/v2/triggers", triggers.ListAsync);
        routes.MapApi(HttpMethods.Post, "/v2/triggers", triggers.CreateAsync);
        routes.MapApi(HttpMethods.Get, "/v2/triggers/{id}", triggers.GetAsync);
        routes.MapApi(HttpMethods.Put, "/v2/triggers/{id}", triggers.UpdateAsync);
        routes.MapApi(HttpMethods.Delete, "/v2/triggers/{id}", triggers.DeleteAsync);
        routes.MapApi(HttpMethods.Get, "/v2/runner/apps/{app}/triggerBySource/{type}/{**source}", triggers.FindBySourceAsync);
        routes.MapMethods("/t/{**rest}", HttpTriggerEndpoints.Methods, routes.ServiceProvider.GetRequiredService<HttpTriggerEndpoints>().CallAsync);
    }
}
