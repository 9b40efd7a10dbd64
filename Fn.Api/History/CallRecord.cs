using System.Text.Json.Serialization;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Api.History;

/// <summary>One call that is over, as its <see cref="CallTimeline"/> told it. Immutable.</summary>
internal sealed record CallRecord
{
    public required string CallId { get; init; }

    public required string FunctionId { get; init; }

    /// <summary>When the gateway had its head, by the clock of who tells. Does not travel: how long ago it was does.</summary>
    [JsonIgnore]
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Status that the client was given; 499 when it had left.</summary>
    public required int Status { get; init; }

    /// <summary>Why it failed; null when the function answered, whatever its status.</summary>
    public CallError? Error { get; init; }

    /// <summary>Whether the call waited for its container to start and was its first.</summary>
    public bool Cold { get; init; }

    /// <summary>Whether it was accepted to run on without its client. Its phases end there.</summary>
    public bool Detached { get; init; }

    /// <summary>The runner that ran it; null: none did.</summary>
    public string? RunnerId { get; init; }

    /// <summary>The container that ran it; null: none did.</summary>
    public string? ContainerId { get; init; }

    /// <summary>W3C trace id, 32 hex digits; null when the call was not traced.</summary>
    public string? TraceId { get; init; }

    /// <summary>Why the call waited for a slot; null: it did not.</summary>
    public string? WaitReason { get; init; }

    /// <summary>What the launch rule decided the start of the call's container by; null for a hot call.</summary>
    public string? StartReason { get; init; }

    /// <summary>What was evicted for the container's memory, and why; null: nothing.</summary>
    public string? EvictionReason { get; init; }

    /// <summary>Phases that were reached, with microseconds since <see cref="CallPhase.Received"/>, in the order of time.</summary>
    public required IReadOnlyList<ReachedPhase> Phases { get; init; }

    /// <summary>Milliseconds without <see cref="Start"/> until the call held a slot, or failed.</summary>
    public required double Queue { get; init; }

    /// <summary>Milliseconds in which its container was being started; 0 for a hot call.</summary>
    public required double Start { get; init; }

    /// <summary>Milliseconds from the slot to the function's headers; 0 without.</summary>
    public required double Run { get; init; }

    /// <summary>Milliseconds from the head to the end.</summary>
    public required double Total { get; init; }

    [JsonIgnore]
    public bool Failed => Error is not null;

    /// <inheritdoc cref="CountedCall.IsOrdinary"/>
    [JsonIgnore]
    public bool IsOrdinary => !Cold && !Failed;

    /// <summary><c>cold</c>, <c>hot</c>, or <c>none</c> for a call that never held a slot, as in metrics and traces.</summary>
    [JsonIgnore]
    public string StartName => FaasTags.StartOf(AtOf(CallPhase.SlotTaken) is not null, Cold);

    /// <summary>Whether it ran in a container that was there.</summary>
    [JsonIgnore]
    public bool Hot => !Cold && AtOf(CallPhase.SlotTaken) is not null;

    /// <summary>Milliseconds from the head to the function's headers; null when it sent none.</summary>
    [JsonIgnore]
    public double? ToHeaders => AtOf(CallPhase.Answered) / 1000.0;

    private long? AtOf(CallPhase wanted)
    {
        // Not by an enumerator, which would be an object: it is asked for every call.
        for (var i = 0; i < Phases.Count; i++)
        {
            if (Phases[i].Phase == wanted)
                return Phases[i].At;
        }
        return null;
    }
}

/// <summary>A phase that a call reached.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="At">Microseconds since the gateway had the call's head.</param>
internal readonly record struct ReachedPhase(CallPhase Phase, long At);
