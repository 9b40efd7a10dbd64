using Fn.Runner.Resources;

namespace Fn.Runner.Slots;

/// <summary>Leave to start one container: a share of the start budget, and memory. The memory may still be on its way from containers being evicted for it.</summary>
/// <param name="Token">The share of the start budget.</param>
/// <param name="Memory">The memory; completes when the victims, if any, are gone. Never faults.</param>
internal sealed record StartGrant(IDisposable Token, Task<MemoryReservation> Memory)
{
    /// <summary>What is evicted for it.</summary>
    public IReadOnlyList<Victim> Victims { get; init; } = [];

    /// <summary>Why just these, in the eviction policy's words.</summary>
    public string Policy { get; init; } = "";
}
