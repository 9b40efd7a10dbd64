namespace Fn.Api.Dashboard.Hosting;

/// <summary>What browsers are told of everything below <c>/dashboard</c>: where it may load from, and that it is shown in no other page.</summary>
internal sealed class DashboardHeaders(RequestDelegate next)
{
    /// <summary>All is served by this gateway. Only style attributes are open: components size and place what they draw by them.</summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        context.Response.OnStarting(static response =>
        {
            // Files say themselves how long they are good for.
            var headers = ((HttpResponse)response).Headers;
            if (headers.CacheControl.Count == 0)
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        }, context.Response);
        return next(context);
    }
}
