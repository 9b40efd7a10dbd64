using Fn.Api.Http;

namespace Fn.Api.Functions;

internal static class FunctionRegistration
{
    public static IServiceCollection AddFunctions(this IServiceCollection services) => services
        .AddSingleton<FunctionEndpoints>()
        .AddSingleton<FunctionResolver>();

    public static void MapFunctions(this IEndpointRouteBuilder routes)
    {
        var functions = routes.ServiceProvider.GetRequiredService<FunctionEndpoints>();
        routes.MapApi(HttpMethods.Get, "/v2/fns", functions.ListAsync);
        routes.MapApi(HttpMethods.Post, "/v2/fns", functions.CreateAsync);
        routes.MapApi(HttpMethods.Get, "/v2/fns/{id}", functions.GetAsync);
        routes.MapApi(HttpMethods.Put, "/v2/fns/{id}", functions.UpdateAsync);
        routes.MapApi(HttpMethods.Delete, "/v2/fns/{id}", functions.DeleteAsync);
        // What older clients ask for of a call.
        foreach (var path in (string[])["/v2/fns/{id}/calls/{call}", "/v2/fns/{id}/calls/{call}/log"])
            routes.MapApi(HttpMethods.Get, path, _ => Task.FromResult(ApiAnswer.Gone));
    }
}
