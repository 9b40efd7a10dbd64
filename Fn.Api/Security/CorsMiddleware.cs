using System.Globalization;
using Microsoft.Extensions.Options;

namespace Fn.Api.Security;

/// <summary>
/// Lets pages of the origins in <see cref="ApiOptions.CorsOrigins"/> call this gateway from a browser, and answers what browsers ask beforehand. Off while
/// there are none.
/// </summary>
internal sealed class CorsMiddleware(RequestDelegate next, IOptions<ApiOptions> options)
{
    private const string Methods = "GET,POST,PUT,HEAD,DELETE";
    private const int MaxAgeSeconds = 43_200;

    private readonly string _headers = options.Value.CorsHeaders.Count > 0 ? string.Join(',', options.Value.CorsHeaders) : "Origin,Content-Length,Content-Type";
    private readonly HashSet<string> _origins = new(options.Value.CorsOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether pages of an origin may call.</summary>
    public static bool Allows(ApiOptions options, string origin) =>
        options.CorsOrigins.Contains("*") || options.CorsOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (_origins.Count == 0 || origin.Length == 0 || !Allows(options.Value, origin))
            return next(context);
        var answer = context.Response.Headers;
        answer.AccessControlAllowOrigin = _origins.Contains("*") ? "*" : origin;
        answer.Vary = "Origin";
        if (!HttpMethods.IsOptions(context.Request.Method) || context.Request.Headers.AccessControlRequestMethod.Count == 0)
            return next(context);
        answer.AccessControlAllowMethods = Methods;
        answer.AccessControlAllowHeaders = _headers;
        answer.AccessControlMaxAge = MaxAgeSeconds.ToString(CultureInfo.InvariantCulture);
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
