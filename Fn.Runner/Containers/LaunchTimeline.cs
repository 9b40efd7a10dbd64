namespace Fn.Runner.Containers;

/// <summary>Timestamps (TimeProvider) of a container's start.</summary>
internal sealed class LaunchTimeline
{
    /// <summary>Start budget, memory and victim were there.</summary>
    public long Granted { get; set; }

    public long Pulled { get; set; }

    public long Created { get; set; }

    public long Started { get; set; }

    public long Ready { get; set; }
}
