using Fn.Api.Http;
using Microsoft.Extensions.Options;

namespace Fn.Api.Security;

/// <summary>
/// Refuses management requests that a page of another site makes a browser send: behind a loopback address the browser, not the network, is the way in.
/// </summary>
internal sealed class OriginMiddleware(RequestDelegate next, IOptions<ApiOptions> options)
{
    private static readonly ApiError Foreign = new(StatusCodes.Status403Forbidden, "Origin not allowed");

    private readonly CorsRule _cors = new(options.Value);
    private readonly string? _publicAuthority = Uri.TryCreate(options.Value.PublicUrl, UriKind.Absolute, out var url) ? url.Authority : null;

    public Task InvokeAsync(HttpContext context)
    {
        var origin = context.Request.Headers.Origin;
        if (origin.Count == 0 || !AccessRule.IsSameOriginOnly(context.Request.Path) || IsOwn(origin.ToString(), context.Request.Host.Value)
            || _cors.Allows(origin.ToString()))
            return next(context);
        return Foreign.WriteAsync(context.Response);
    }

    // The scheme is left out of it: behind a proxy that ends TLS the request's own scheme is not the browser's.
    private bool IsOwn(string origin, string? host)
    {
        var at = origin.IndexOf("://", StringComparison.Ordinal);
        if (at < 0)
            return false;
        var authority = origin[(at + 3)..];
        return authority.Equals(host, StringComparison.OrdinalIgnoreCase) || authority.Equals(_publicAuthority, StringComparison.OrdinalIgnoreCase);
    }
}
