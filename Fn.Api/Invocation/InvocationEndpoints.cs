using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fn.Api.Invocation;

/// <summary><c>POST /invoke/{fnId}</c>. Needs an <see cref="IFunctionResolver"/>.</summary>
internal static class InvocationEndpoints
{
    public static IServiceCollection AddInvocation(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GatewayTelemetry>();
        services.TryAddSingleton<CallForwarder>();
        return services;
    }

    public static IEndpointRouteBuilder MapInvocation(this IEndpointRouteBuilder endpoints)
    {
        var forwarder = endpoints.ServiceProvider.GetRequiredService<CallForwarder>();
        var functions = endpoints.ServiceProvider.GetRequiredService<IFunctionResolver>();
        endpoints.MapPost("/invoke/{fnId}", context => InvokeAsync(context, forwarder, functions));
        return endpoints;
    }

    private static async Task InvokeAsync(HttpContext context, CallForwarder forwarder, IFunctionResolver functions)
    {
        if (await functions.ResolveAsync(context.RouteText("fnId"), context.RequestAborted) is { } function)
            await forwarder.ForwardAsync(context, function, DirectTranslation.Instance);
        else
            await FunctionErrors.NotFound.WriteAsync(context.Response);
    }
}
