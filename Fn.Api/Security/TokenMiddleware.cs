using Fn.Api.Http;
using Fn.Api.Root;

namespace Fn.Api.Security;

/// <summary>Asks for a bearer token where one is needed.</summary>
internal sealed class TokenMiddleware(RequestDelegate next, TokenGate gate)
{
    private static readonly ApiError Unauthorized = new(StatusCodes.Status401Unauthorized, "Unauthorized");

    public Task InvokeAsync(HttpContext context)
    {
        if (gate.IsOpen)
            return next(context);
        var access = AccessRule.For(context.Request.Path);
        if (access == Access.SignIn)
            return next(context);
        if (!gate.Opens(access, BearerToken.Of(context.Request)))
        {
            // A person who has opened the gateway's address in a browser.
            if (context.Request.Path == "/" && RootEndpoints.IsForPeople(context.Request))
                return next(context);
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Unauthorized.WriteAsync(context.Response);
        }
        // The token was for this door. A function behind it must not learn it: with a management token it could deploy.
        if (access == Access.Invoke)
            context.Request.Headers.Authorization = default;
        return next(context);
    }
}
