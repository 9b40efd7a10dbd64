namespace Fn.Api.Placement;

/// <summary>A function's containers on one runner as a gateway sees them at one instant, its own placements applied.</summary>
internal readonly record struct PoolSight
{
    /// <summary>Containers that wait for a call.</summary>
    public required int Idle { get; init; }

    /// <summary>Containers that can take calls: idle or busy.</summary>
    public required int Ready { get; init; }

    public required int Starting { get; init; }

    /// <summary>Calls that wait for a slot.</summary>
    public required int Queued { get; init; }

    /// <summary>How long a call takes: the mean, or the age of the oldest one that runs if that is more.</summary>
    public required TimeSpan Service { get; init; }

    /// <summary>How long a start takes.</summary>
    public required TimeSpan Start { get; init; }

    /// <summary>Timestamp of the last use.</summary>
    public required long UsedAt { get; init; }

    /// <summary>How long one more call would wait for a slot.</summary>
    public TimeSpan PredictedWait => Idle > 0 ? TimeSpan.Zero : Service * ((double)(Queued + 1) / Math.Max(1, Ready + Starting));

    /// <summary>Whether waiting here is quicker than starting another container. The herd of a cold function waits for its first one.</summary>
    public bool LinesUp => Ready + Starting > 0 && (Ready == 0 || PredictedWait <= Start);
}
