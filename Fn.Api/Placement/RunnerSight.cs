namespace Fn.Api.Placement;

/// <summary>A runner as a gateway sees it at one instant, its own placements applied.</summary>
internal readonly record struct RunnerSight
{
    /// <summary>Place in the function's rendezvous order: the higher, the more it is preferred.</summary>
    public required ulong Weight { get; init; }

    /// <summary>Whether it may be asked: it is neither asked before for this call nor draining nor left alone.</summary>
    public required bool Askable { get; init; }

    /// <summary>Whether it reports. Of one that does not nothing else is known, so it may have room.</summary>
    public required bool Reports { get; init; }

    /// <summary>Bytes that containers may use together.</summary>
    public long Memory { get; init; }

    /// <summary>Bytes reserved.</summary>
    public long Reserved { get; init; }

    /// <summary>Bytes of idle containers.</summary>
    public long IdleMemory { get; init; }

    /// <summary>When its least recently used idle container became idle; <see cref="long.MaxValue"/> without one.</summary>
    public long OldestIdle { get; init; }

    /// <summary>Starts under way or queued, and how many may be under way.</summary>
    public int Starting { get; init; }

    public int MaxStarts { get; init; }

    /// <summary>Calls that wait there.</summary>
    public int Queued { get; init; }

    public double Load => Memory > 0 ? (double)Reserved / Memory : 0;

    public bool HasFree(long bytes) => !Reports || Memory - Reserved >= bytes;

    public bool HasIdleFor(long bytes) => OldestIdle != long.MaxValue && Memory - Reserved + IdleMemory >= bytes;
}
