using System.Globalization;
using System.Net;
using System.Text;
using Fn.Api.Invocation;
using Fn.Api.Placement;

namespace Fn.Api.Dashboard;

/// <summary>The hot map: each runner this gateway knows, its memory, and the functions that have containers there. One page without scripts that renews itself.</summary>
internal sealed class HotMapPage(ClusterView view, IFunctionResolver functions, TimeProvider time)
{
    private const string Head = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="refresh" content="2">
        <title>Fn: what is hot</title>
        <style>
        :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
        body { margin: 0 auto; max-width: 72rem; padding: 1rem; }
        section { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: .5rem; padding: .25rem 1rem 1rem; margin: 1rem 0; overflow-x: auto; }
        h2 { font-size: 1.1rem; }
        meter { width: 12rem; max-width: 100%; vertical-align: middle; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: .2rem .8rem .2rem 0; }
        .n { text-align: right; font-variant-numeric: tabular-nums; }
        </style>
        </head>
        <body>
        <h1>What is hot</h1>
        """;

    public async Task WriteAsync(HttpContext context)
    {
        var page = new StringBuilder(Head);
        var runners = view.Runners.OrderBy(runner => runner.Record?.Name ?? runner.Address, StringComparer.Ordinal).ToList();
        foreach (var runner in runners)
            await AddRunnerAsync(page, runner, context.RequestAborted);
        if (runners.Count == 0)
            page.Append("<p>No runner has joined yet. Start one with the same <code>ConnectionStrings:redis</code> and <code>Fn:Cluster:Key</code> as this gateway: <code>dotnet run --project Fn.Runner</code>.</p>");
        page.Append("<p>As JSON: <a href=\"/v2/runners\">/v2/runners</a>. <a href=\"/docs\">The API</a>.</p></body></html>\n");
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        await context.Response.WriteAsync(page.ToString(), context.RequestAborted);
    }

    private async Task AddRunnerAsync(StringBuilder page, RunnerView runner, CancellationToken cancel)
    {
        if (runner.Record is not { } record)
        {
            page.Append(CultureInfo.InvariantCulture, $"<section><h2>{Text(runner.Address)}</h2><p>Told of by <code>Fn:Runners</code>: it does not report what it has.</p></section>");
            return;
        }
        page.Append(CultureInfo.InvariantCulture, $"<section><h2>{Text(record.Name ?? record.Id)} <small>{Text(runner.Address)}{(record.Draining ? ", draining" : "")}</small></h2>");
        page.Append(CultureInfo.InvariantCulture, $"<p><meter min=\"0\" max=\"{record.Memory}\" value=\"{record.Reserved}\" aria-label=\"Memory reserved\"></meter> {MiB(record.Reserved)} of {MiB(record.Memory)} reserved, {record.Starting} starting, {record.Waiting} calls waiting</p>");
        var pools = runner.Pools.Where(pool => pool.Record is not null).OrderByDescending(pool => pool.Look().UsedAt).ToList();
        if (pools.Count == 0)
            page.Append("<p>Nothing is hot here. A function gets its container with its first call.</p>");
        else
            await AddPoolsAsync(page, pools, cancel);
        page.Append("</section>");
    }

    private async Task AddPoolsAsync(StringBuilder page, List<PoolView> pools, CancellationToken cancel)
    {
        page.Append("<table><thead><tr><th>function<th class=n>idle<th class=n>busy<th class=n>starting<th class=n>waiting<th class=n>memory<th class=n>a run takes<th class=n>a start takes<th class=n>last used</tr></thead><tbody>");
        foreach (var pool in pools)
        {
            if (pool.Record is not { } record)
                continue;
            var spec = await functions.ResolveAsync(pool.FunctionId, cancel);
            var name = spec is null ? pool.FunctionId : $"{spec.AppName}/{spec.FunctionName}";
            var used = time.GetElapsedTime(pool.Look().UsedAt).TotalSeconds;
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(name)}<td class=n>{record.Idle}<td class=n>{record.Busy}<td class=n>{record.Starting}<td class=n>{record.Waiting}<td class=n>{MiB(pool.Memory)}<td class=n>{Milliseconds(record.ServiceMs)}<td class=n>{Milliseconds(record.StartMs)}<td class=n>{Math.Max(0, used):0.0} s ago</tr>");
        }
        page.Append("</tbody></table>");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string MiB(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB");

    private static string Milliseconds(double? value) => value is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:0.##} ms") : "";
}
