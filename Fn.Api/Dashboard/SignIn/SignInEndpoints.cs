using Fn.Api.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Fn.Api.Dashboard.SignIn;

/// <summary>The way in for browsers: a page that takes a token, and the way out. A page of another site cannot post to either (<see cref="OriginMiddleware"/>).</summary>
internal static class SignInEndpoints
{
    private const string Path = "/sign-in";

    // Read while nobody is known: what the page to sign in is drawn with.
    private static readonly string[] Drawn = ["/css/base.css", "/theme.js", "/favicon.svg"];

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        var tokens = routes.ServiceProvider.GetRequiredService<TokenGate>();
        var sessions = routes.ServiceProvider.GetRequiredService<SessionCookie>();
        routes.MapGet(Path, (HttpContext context) => tokens.IsOpen ? Results.LocalRedirect("~/") : Show(context, failed: false));
        routes.MapPost(Path, async context =>
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            var token = form["token"].ToString().Trim();
            if (!tokens.Opens(Access.Manage, token))
            {
                await Show(context, failed: true).ExecuteAsync(context);
                return;
            }
            context.Response.Cookies.Append(SessionCookie.Name, sessions.Issue(token), SessionCookie.Options(context.Request));
            context.Response.Redirect(context.Request.PathBase + Target(form["to"]));
        }).DisableAntiforgery();
        routes.MapPost("/sign-out", context =>
        {
            context.Response.Cookies.Delete(SessionCookie.Name, SessionCookie.Options(context.Request));
            context.Response.Redirect(context.Request.PathBase + Path);
            return Task.CompletedTask;
        }).DisableAntiforgery();
    }

    public static bool IsForAnyone(PathString path) => path == Path || Array.IndexOf(Drawn, path.Value) >= 0;

    /// <summary>The page to sign in, which leads back to what was asked for.</summary>
    public static string AddressFor(HttpRequest request) => $"{request.PathBase}{Path}{QueryString.Create("to", request.Path + request.QueryString)}";

    private static RazorComponentResult<SignInPage> Show(HttpContext context, bool failed)
    {
        var to = context.Request.HasFormContentType ? context.Request.Form["to"] : context.Request.Query["to"];
        return new RazorComponentResult<SignInPage>(new Dictionary<string, object?> { ["Failed"] = failed, ["To"] = Target(to) })
        {
            StatusCode = failed ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK,
        };
    }

    // Appended to the dashboard's own path, so it leads nowhere else.
    private static string Target(string? to) => to is ['/', ..] && !to.Contains('\\', StringComparison.Ordinal) && !to.StartsWith("//", StringComparison.Ordinal) ? to : "/";
}
