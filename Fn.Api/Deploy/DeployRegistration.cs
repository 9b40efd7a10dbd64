using Fn.Api.Http;

namespace Fn.Api.Deploy;

internal static class DeployRegistration
{
    public static IServiceCollection AddDeploy(this IServiceCollection services) => services.AddSingleton<DeployEndpoints>();

    public static void MapDeploy(this IEndpointRouteBuilder routes) =>
        routes.MapApi(HttpMethods.Put, "/v2/apps/{appName}/fns/{fnName}", routes.ServiceProvider.GetRequiredService<DeployEndpoints>().DeployAsync);
}
