using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Fn.Api.Http;

/// <summary>
/// What the wire contract says about paths, on top of the framework's routing, after it chose an endpoint: letters match in their case, a slash too many
/// is a redirect, and unknown paths and methods have their messages.
/// </summary>
internal sealed class ContractRoutingMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        switch (context.GetEndpoint())
        {
            case null:
                return Answer(context, StatusCodes.Status404NotFound, "Path not found: ");
            case RouteEndpoint route when !MatchesCase(route.RoutePattern, context.Request.Path):
                return Answer(context, StatusCodes.Status404NotFound, "Path not found: ");
            case RouteEndpoint route when HasSlashTooMany(route.RoutePattern, context.Request.Path) && route.Metadata.GetMetadata<KeepsSlash>() is null:
                return RedirectAsync(context);
            case RouteEndpoint:
                return next(context);
            default:
                return InvokeOthersAsync(context);
        }
    }

    private async Task InvokeOthersAsync(HttpContext context)
    {
        await next(context);
        // The framework's own endpoint for a known path with another method sets the status and Allow, and no body.
        if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
            await Answer(context, StatusCodes.Status405MethodNotAllowed, "Method not allowed: ");
    }

    private static Task Answer(HttpContext context, int status, string text) =>
        new ApiError(status, $"{text}{context.Request.Method} {context.RawPath()}").WriteAsync(context.Response);

    private static bool MatchesCase(RoutePattern pattern, PathString path)
    {
        var rest = path.Value.AsSpan();
        // Not by an enumerator, which would be an object for each request.
        for (var i = 0; i < pattern.PathSegments.Count; i++)
        {
            var segment = pattern.PathSegments[i];
            rest = rest.TrimStart('/');
            var end = rest.IndexOf('/');
            var sent = end < 0 ? rest : rest[..end];
            if (segment is { IsSimple: true, Parts: [RoutePatternLiteralPart literal] } && !sent.SequenceEqual(literal.Content))
                return false;
            rest = rest[sent.Length..];
        }
        return true;
    }

    private static bool HasSlashTooMany(RoutePattern pattern, PathString path) =>
        path.Value is [.., _, '/'] && pattern.PathSegments is not [.., { Parts: [RoutePatternParameterPart { IsCatchAll: true }] }];

    private static async Task RedirectAsync(HttpContext context)
    {
        var location = context.RawPath().TrimEnd('/') + context.Request.QueryString;
        context.Response.Headers.Location = location;
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            return;
        }
        context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
        context.Response.ContentType = "text/html; charset=utf-8";
        var page = Encoding.UTF8.GetBytes($"<a href=\"{HtmlEncoder.Default.Encode(location)}\">Moved Permanently</a>.\n\n");
        context.Response.ContentLength = page.Length;
        await context.Response.Body.WriteAsync(page, context.RequestAborted);
    }
}
