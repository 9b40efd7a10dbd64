using Fn.ServiceDefaults.Configuration;

namespace Fn.Api.Placement;

/// <summary>What the gateway reads of <c>Fn:Calls</c>; the runner reads the same section.</summary>
internal sealed class PlacementOptions
{
    public const string Section = "Fn:Calls";

    /// <summary>Longest time a call may wait before it runs, on whichever runners it waits. Default: 120 s. Range: 10 ms to 1 h.</summary>
    [Duration("10ms", "1h")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(120);
}
