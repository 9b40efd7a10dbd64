using Fn.Api.Http;
using Fn.Api.Security;

namespace Fn.Api.Dashboard.SignIn;

/// <summary>Lets in who has signed in, or sends a management token. Others get the page to sign in, and what that is drawn with.</summary>
internal sealed class SessionGate(RequestDelegate next, TokenGate tokens, SessionCookie sessions, TimeProvider time)
{
    private static readonly ApiError Unauthorized = new(StatusCodes.Status401Unauthorized, "Unauthorized");

    public Task InvokeAsync(HttpContext context)
    {
        if (tokens.IsOpen || SignInEndpoints.IsForAnyone(context.Request.Path) || tokens.Opens(Access.Manage, BearerToken.Of(context.Request)))
            return next(context);
        if (sessions.Check(context.Request.Cookies[SessionCookie.Name]) is { } left)
            return PassAsync(context, left);
        if (HttpMethods.IsGet(context.Request.Method) && AcceptsHtml(context.Request))
        {
            context.Response.Redirect(SignInEndpoints.AddressFor(context.Request));
            return Task.CompletedTask;
        }
        return Unauthorized.WriteAsync(context.Response);
    }

    private async Task PassAsync(HttpContext context, TimeSpan left)
    {
        // A page's connection lasts as long as the page is open, which may be longer than its session.
        await using var end = time.CreateTimer(static context => ((HttpContext)context!).Abort(), context, left, Timeout.InfiniteTimeSpan);
        await next(context);
    }

    private static bool AcceptsHtml(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
