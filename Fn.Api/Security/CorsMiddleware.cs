using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Fn.Api.Security;

/// <summary>
/// Lets pages of <see cref="ApiOptions.CorsOrigins"/> use what this gateway serves. Answers their browsers' preflight requests itself, before anybody asks for
/// a token: they carry none.
/// </summary>
internal sealed class CorsMiddleware(RequestDelegate next, IOptions<ApiOptions> options)
{
    private const string Methods = "GET,POST,PUT,HEAD,DELETE";
    private const string MaxAgeSeconds = "43200";

    private readonly CorsRule _rule = new(options.Value);
    private readonly string _headers = string.Join(',', options.Value.CorsHeaders);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Headers.Origin is not [{ Length: > 0 } origin] || !_rule.Allows(origin))
            return next(context);
        return AllowAsync(context, origin);
    }

    private Task AllowAsync(HttpContext context, string origin)
    {
        // When the answer starts, so that it is there once whatever the answer is, a function's own among them.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.AccessControlAllowOrigin = _rule.AllowsAll ? "*" : origin;
            if (!_rule.AllowsAll)
                context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);
            return Task.CompletedTask;
        });
        if (!HttpMethods.IsOptions(context.Request.Method) || context.Request.Headers.AccessControlRequestMethod.Count == 0)
            return next(context);
        context.Response.Headers.AccessControlAllowMethods = Methods;
        context.Response.Headers.AccessControlAllowHeaders = _headers;
        context.Response.Headers.AccessControlMaxAge = MaxAgeSeconds;
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
