namespace Fn.ServiceDefaults.Contracts;

/// <summary>What a runner says of itself: a snapshot, not a transaction.</summary>
public sealed record RunnerStatus
{
    public required string RunnerId { get; init; }

    public required bool Draining { get; init; }

    /// <summary>Bytes that containers may use together.</summary>
    public required long MemoryBudget { get; init; }

    /// <summary>Bytes reserved by containers that exist or are being started.</summary>
    public required long MemoryReserved { get; init; }

    /// <summary>Containers being started at this moment.</summary>
    public required int Starting { get; init; }

    /// <summary>Most containers ever being started at once since the process began.</summary>
    public required int StartingPeak { get; init; }

    /// <summary>Starts that wait for start budget, memory or a victim.</summary>
    public required int StartsQueued { get; init; }

    /// <summary>Calls that wait for a slot.</summary>
    public required int Waiting { get; init; }

    /// <summary>Calls that hold a slot.</summary>
    public required int Running { get; init; }

    public required IReadOnlyList<PoolStatus> Pools { get; init; }
}

/// <summary>One revision on one runner.</summary>
public sealed record PoolStatus
{
    public required string FunctionId { get; init; }

    public required string Revision { get; init; }

    public required int Idle { get; init; }

    public required int Busy { get; init; }

    public required int Starting { get; init; }

    public required int Stopping { get; init; }

    public required int Waiting { get; init; }

    /// <summary>Decayed mean of finished runs in milliseconds; null before the first.</summary>
    public required double? ServiceMs { get; init; }

    /// <summary>Expected time to start a container in milliseconds.</summary>
    public required double StartMs { get; init; }

    /// <summary>How many containers are kept although nobody calls.</summary>
    public int Floor { get; init; }

    /// <summary>Containers started since the pool exists.</summary>
    public required long Started { get; init; }
}
