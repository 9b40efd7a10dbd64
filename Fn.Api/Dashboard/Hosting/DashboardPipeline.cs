using Fn.Api.Dashboard.Components;
using Fn.Api.Dashboard.SignIn;

namespace Fn.Api.Dashboard.Hosting;

/// <summary>
/// The dashboard's own pipeline behind one endpoint, with routes of its own below <c>/dashboard</c>: no call passes through it, and no path outside of it
/// gets another answer for it. Built when it is first asked for, so that a start does not wait for it.
/// </summary>
internal sealed class DashboardPipeline
{
    public const string Root = "/dashboard";

    private readonly Lazy<RequestDelegate> _branch;

    public DashboardPipeline(IServiceProvider services) => _branch = new Lazy<RequestDelegate>(() => Build(services));

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path;
        // Links are relative to the slash.
        if (path.Value == Root)
        {
            context.Response.Redirect(Root + "/");
            return Task.CompletedTask;
        }
        // From here on the dashboard routes by itself.
        context.SetEndpoint(null);
        context.Request.RouteValues.Clear();
        context.Request.PathBase = context.Request.PathBase.Add(Root);
        context.Request.Path = path.Value![Root.Length..];
        return _branch.Value(context);
    }

    private static RequestDelegate Build(IServiceProvider services)
    {
        var app = new ApplicationBuilder(services);
        app.UseMiddleware<DashboardHeaders>();
        app.UseMiddleware<SessionGate>();
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.UseRouting();
        app.UseAntiforgery();
        app.UseEndpoints(routes =>
        {
            routes.MapStaticAssets(DashboardFiles.Endpoints);
            routes.MapSignIn();
            routes.MapRazorComponents<App>().AddInteractiveServerRenderMode(options =>
            {
                // The policy of every page says it; this would be a second one.
                options.ContentSecurityFrameAncestorsPolicy = null;
                // What is sent is small and goes a short way: processor time is for calls.
                options.DisableWebSocketCompression = true;
            });
        });
        return app.Build();
    }
}
