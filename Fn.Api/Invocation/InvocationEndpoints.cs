using System.Globalization;
using Fn.Api.Placement;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fn.Api.Invocation;

/// <summary><c>POST /invoke/{fnId}</c>. Needs an <see cref="IFunctionResolver"/>.</summary>
internal static class InvocationEndpoints
{
    /// <param name="services">The services.</param>
    /// <param name="maxRequestSize">Gives the largest body in bytes; null: no limit.</param>
    public static IServiceCollection AddInvocation(this IServiceCollection services, Func<IServiceProvider, long?> maxRequestSize)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new CallForwarder(
            provider.GetRequiredService<Placer>(),
            provider.GetRequiredService<TimeProvider>(),
            maxRequestSize(provider),
            provider.GetRequiredService<ILogger<CallForwarder>>()));
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
        // Routing does not tell upper case from lower; the contract does.
        if (!context.Request.Path.StartsWithSegments("/invoke", StringComparison.Ordinal))
            await ErrorBody.WriteAsync(context.Response, StatusCodes.Status404NotFound, $"Path not found: POST {context.Request.Path}");
        else if (context.Request.ContentLength > forwarder.MaxRequestSize)
            await ErrorBody.WriteAsync(context.Response, StatusCodes.Status413PayloadTooLarge, TooLarge(context.Request.ContentLength, forwarder.MaxRequestSize));
        else if (await functions.ResolveAsync((string)context.Request.RouteValues["fnId"]!, context.RequestAborted) is { } function)
            await forwarder.ForwardAsync(context, function, DirectTranslation.Instance);
        else
            await ErrorBody.WriteAsync(context.Response, StatusCodes.Status404NotFound, "Fn not found");
    }

    private static string TooLarge(long? length, long? limit) =>
        string.Create(CultureInfo.InvariantCulture, $"Content-Length too large for this server, {length} > max {limit}");
}
