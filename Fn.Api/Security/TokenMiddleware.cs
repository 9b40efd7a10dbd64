using Fn.Api.Http;

namespace Fn.Api.Security;

/// <summary>Asks for a bearer token where one is needed.</summary>
internal sealed class TokenMiddleware(RequestDelegate next, TokenGate gate)
{
    private const string Scheme = "Bearer ";

    private static readonly ApiError Unauthorized = new(StatusCodes.Status401Unauthorized, "Unauthorized");

    public Task InvokeAsync(HttpContext context)
    {
        if (gate.IsOpen)
            return next(context);
        var access = AccessRule.For(context.Request.Path);
        if (!gate.Opens(access, ReadToken(context.Request)))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Unauthorized.WriteAsync(context.Response);
        }
        // The token was for this door. A function behind it must not learn it: with a management token it could deploy.
        if (access == Access.Invoke)
            context.Request.Headers.Authorization = default;
        return next(context);
    }

    private static string? ReadToken(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? value[Scheme.Length..].Trim() : null;
}
