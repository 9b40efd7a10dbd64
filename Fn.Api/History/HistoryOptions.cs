using System.ComponentModel.DataAnnotations;
using Fn.ServiceDefaults.Configuration;

namespace Fn.Api.History;

/// <summary>How much is kept of calls that are over: <c>Fn:History</c>.</summary>
internal sealed class HistoryOptions
{
    public const string Section = "Fn:History";

    /// <summary>How long a call can be found. Default: 15 min. Range: 1 min to 24 h.</summary>
    [Duration("1m", "24h")]
    public TimeSpan Keep { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Most calls that a gateway keeps; those that are oldest go first. Default: 20,000. Range: 100 to 1,000,000. One takes about half a KiB.</summary>
    [Range(100, 1_000_000)]
    public int MaxCalls { get; set; } = 20_000;

    /// <summary>
    /// Most ordinary calls of one function that are kept, so that a busy one leaves room for the others, and as many cold and failed ones beside them. Of one
    /// that is called more often than that in a second, those that ended first in it; all are counted. Default: 1,000. Range: 10 to 1,000,000.
    /// </summary>
    [Range(10, 1_000_000)]
    public int MaxCallsPerFunction { get; set; } = 1000;

    /// <summary>
    /// Most calls a second that a gateway tells the other gateways of, cold and failed ones first; those beyond are known to it alone. All are counted.
    /// Default: 200. Range: 0 to 10,000.
    /// </summary>
    [Range(0, 10_000)]
    public int MaxShared { get; set; } = 200;
}
