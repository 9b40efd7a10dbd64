using System.ComponentModel.DataAnnotations;

namespace Fn.ServiceDefaults.Telemetry;

/// <summary>What is measured and who may read it: <c>Fn:Telemetry</c>. Where traces, metrics and logs are sent is told by OpenTelemetry's own variables.</summary>
public sealed class TelemetryOptions
{
    public const string Section = "Fn:Telemetry";

    /// <summary>Whether <c>/metrics</c> is served, for Prometheus. Default: true.</summary>
    public bool Prometheus { get; set; } = true;

    /// <summary>Bearer tokens that open <c>/metrics</c> and nothing else. Default: none.</summary>
    public IReadOnlyList<string> MetricsTokens { get; set; } = [];

    /// <summary>
    /// How many functions metrics tell apart by <c>faas.name</c>; all others are <c>_other</c>. Each metric has room for ten sets of attributes of each, from the
    /// start. Default: 200. Range: 0 to 2,000.
    /// </summary>
    [Range(0, 2000)]
    public int FunctionNames { get; set; } = 200;
}
