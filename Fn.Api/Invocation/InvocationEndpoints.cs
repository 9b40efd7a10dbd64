using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Telemetry;
using Fn.ServiceDefaults.Contracts;
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

    // A function that is known, as it is for every call but its first, costs no task.
    private static Task InvokeAsync(HttpContext context, CallForwarder forwarder, IFunctionResolver functions)
    {
        var function = functions.ResolveAsync(context.RouteText("fnId"), context.RequestAborted);
#pragma warning disable VSTHRD103 // It is done.
        return function.IsCompletedSuccessfully ? AnswerAsync(context, forwarder, function.Result) : InvokeOnAsync(context, forwarder, function);
#pragma warning restore VSTHRD103
    }

    private static async Task InvokeOnAsync(HttpContext context, CallForwarder forwarder, ValueTask<FunctionSpec?> function) =>
        await AnswerAsync(context, forwarder, await function);

    private static Task AnswerAsync(HttpContext context, CallForwarder forwarder, FunctionSpec? function) =>
        function is null ? FunctionErrors.NotFound.WriteAsync(context.Response) : forwarder.ForwardAsync(context, function, DirectTranslation.Instance);
}
