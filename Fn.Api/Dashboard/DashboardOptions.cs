namespace Fn.Api.Dashboard;

/// <summary>Settings of the dashboard: <c>Fn:Dashboard</c>.</summary>
internal sealed class DashboardOptions
{
    public const string Section = "Fn:Dashboard";

    /// <summary>What stands for a call's trace id in <see cref="TraceUrl"/>.</summary>
    public const string TraceIdPlace = "{traceId}";

    /// <summary>
    /// Where traces are shown, with <c>{traceId}</c> in the place of the id, for instance <c>http://localhost:16686/trace/{traceId}</c>. Default: null, trace
    /// ids are shown without a link.
    /// </summary>
    public string? TraceUrl { get; set; }

    /// <summary>The address of a trace; null when there is nowhere to look at it.</summary>
    public string? LinkTo(string? traceId) =>
        traceId is null || string.IsNullOrEmpty(TraceUrl) ? null : TraceUrl.Replace(TraceIdPlace, Uri.EscapeDataString(traceId), StringComparison.Ordinal);
}
