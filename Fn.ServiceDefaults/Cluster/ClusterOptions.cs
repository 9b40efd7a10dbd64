using Fn.ServiceDefaults.Configuration;

namespace Fn.ServiceDefaults.Cluster;

/// <summary>What gateways and runners of one cluster share: <c>Fn:Cluster</c>. All of them are to be given the same.</summary>
public sealed class ClusterOptions
{
    public const string Section = "Fn:Cluster";

    /// <summary>
    /// Secret by which gateways and runners know each other: at least 16 characters. It never travels. Default: null, they are not asked for it and so listen
    /// on loopback only.
    /// </summary>
    public string? Key { get; set; }

    /// <summary>How long the others believe in a runner that they do not hear of. It reports at least every third of this. Default: 10 s. Range: 1 s to 10 min.</summary>
    [Duration("1s", "10m")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Least time between two reports of a runner; what changes meanwhile goes into one. Default: 100 ms. Range: 10 ms to 10 s.</summary>
    [Duration("10ms", "10s")]
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromMilliseconds(100);
}
