using Fn.Api.Security;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fn.Api.Http;

/// <summary>The wire contract's ground rules for every path of the process.</summary>
internal static class HttpRegistration
{
    public static IServiceCollection AddContractHttp(this IServiceCollection services)
    {
        services.AddFnOptions<ApiOptions>(ApiOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TokenGate>();
        services.TryAddSingleton<PublicAddress>();
        return services;
    }

    /// <summary>Comes first in the pipeline: size, who may call, routing, and the answers to what nothing was mapped for.</summary>
    public static IApplicationBuilder UseContractHttp(this IApplicationBuilder app)
    {
        // The host would add the framework's authorization before all of it, because the dashboard's services bring it along. Who may call is asked below.
        app.Properties["__AuthorizationMiddlewareSet"] = true;
        return app
            .UseMiddleware<FailureMiddleware>()
            .UseMiddleware<RequestSizeMiddleware>()
            .UseMiddleware<CorsMiddleware>()
            .UseMiddleware<OriginMiddleware>()
            .UseMiddleware<TokenMiddleware>()
            .UseRouting()
            .UseMiddleware<ContractRoutingMiddleware>();
    }
}
