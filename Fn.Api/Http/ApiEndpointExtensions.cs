using Fn.ServiceDefaults.Contracts;
using Microsoft.AspNetCore.Http.Features;

namespace Fn.Api.Http;

internal static class ApiEndpointExtensions
{
    /// <summary>Maps a handler without the framework's binding, validation and problem details: it reads the request and returns the whole answer.</summary>
    public static IEndpointConventionBuilder MapApi(this IEndpointRouteBuilder routes, string method, string pattern, Func<HttpContext, Task<ApiAnswer>> handler) =>
        routes.MapMethods(pattern, [method], (RequestDelegate)(async context => await (await handler(context)).WriteAsync(context.Response)));

    /// <summary>A parameter of the route; the empty string when the route has none of that name.</summary>
    public static string RouteText(this HttpContext context, string name) => context.Request.RouteValues[name] as string ?? "";

    /// <summary>The first value of a query parameter; the empty string counts as not given.</summary>
    public static string? QueryText(this HttpContext context, string name) =>
        context.Request.Query[name] is [{ Length: > 0 } first, ..] ? first : null;

    /// <summary>The path as the client sent it, without the query.</summary>
    public static string RawPath(this HttpContext context)
    {
        var target = context.Request.Target();
        var query = target.IndexOf('?', StringComparison.Ordinal);
        if (query >= 0)
            target = target[..query];
        if (target.StartsWith('/'))
            return target;
        var host = target.IndexOf("://", StringComparison.Ordinal);
        var path = host < 0 ? -1 : target.IndexOf('/', host + 3);
        return path < 0 ? context.Request.Path.Value ?? "" : target[path..];
    }

    /// <summary>The whole URL, path and query as the client sent them.</summary>
    public static RequestUrl UrlAsSent(this HttpRequest request) => new(request.Scheme, request.Host.Value ?? "", request.Target());

    private static string Target(this HttpRequest request) => request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
}
