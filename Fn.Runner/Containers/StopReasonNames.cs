namespace Fn.Runner.Containers;

/// <summary>How reasons are written in spans and metrics: never renamed.</summary>
internal static class StopReasonNames
{
    /// <summary>Whether others, or somebody, wanted the container gone while it could have gone on.</summary>
    public static bool IsEviction(this StopReason reason) => reason is StopReason.Memory or StopReason.Claim or StopReason.Asked;

    public static string Name(this StopReason reason) => reason switch
    {
        StopReason.IdleTimeout => "idle_timeout",
        StopReason.Memory => "memory",
        StopReason.Claim => "claim",
        StopReason.Asked => "asked",
        StopReason.Ended => "ended",
        StopReason.NotReusable => "not_reusable",
        StopReason.OneCall => "one_call",
        StopReason.Unwanted => "unwanted",
        StopReason.Surplus => "surplus",
        _ => "shutdown",
    };
}
