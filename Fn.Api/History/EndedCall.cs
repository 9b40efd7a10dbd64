using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.History;

/// <summary>What a gateway knows of a call at its end. Small: it is made for every call, and looked at later, by somebody else.</summary>
/// <param name="CallId">The call.</param>
/// <param name="FunctionId">Its function.</param>
/// <param name="Timeline">Its times, to which nothing is added any more.</param>
/// <param name="Status">What the client was given.</param>
/// <param name="Error">Why it failed; null: it did not.</param>
/// <param name="Detached">Whether it runs on without its client.</param>
internal readonly record struct EndedCall(string CallId, string FunctionId, CallTimeline Timeline, int Status, CallError? Error, bool Detached)
{
    private static readonly CallPhase[] Phases = Enum.GetValues<CallPhase>();

    private bool Cold => Timeline.Cold && !Detached;

    public CountedCall Count(TimeProvider time) => new(
        FunctionId, Cold, Error is not null, Timeline.Start.TotalMilliseconds, Timeline.Has(CallPhase.Answered) ? Since(time, CallPhase.Answered) : null);

    public CallRecord ToRecord(TimeProvider time)
    {
        var received = Timeline[CallPhase.Received];
        return new CallRecord
        {
            CallId = CallId,
            FunctionId = FunctionId,
            ReceivedAt = time.GetUtcNow() - time.GetElapsedTime(received),
            Status = Status,
            Error = Error,
            Cold = Cold,
            Detached = Detached,
            RunnerId = Timeline.RunnerId,
            ContainerId = Timeline.ContainerId,
            TraceId = Timeline.TraceId,
            WaitReason = Timeline.Reason,
            StartReason = Timeline.StartReason,
            EvictionReason = Timeline.EvictionReason,
            Phases = Reached(time),
            Queue = Queued.TotalMilliseconds,
            Start = Timeline.Start.TotalMilliseconds,
            Run = Timeline.Run.TotalMilliseconds,
            Total = Timeline.Between(CallPhase.Received, CallPhase.Ended).TotalMilliseconds,
        };
    }

    /// <summary>A call that never held a slot waited until it failed.</summary>
    private TimeSpan Queued => Timeline.Has(CallPhase.SlotTaken) ? Timeline.Queue : Timeline.Between(CallPhase.Received, CallPhase.Ended);

    private ReachedPhase[] Reached(TimeProvider time)
    {
        Span<ReachedPhase> reached = stackalloc ReachedPhase[Phases.Length];
        var count = 0;
        foreach (var phase in Phases)
        {
            if (!Timeline.Has(phase))
                continue;
            var next = new ReachedPhase(phase, Since(time, phase));
            // Put where it belongs: nearly always behind the others.
            var at = count++;
            for (; at > 0 && reached[at - 1].At > next.At; at--)
                reached[at] = reached[at - 1];
            reached[at] = next;
        }
        return reached[..count].ToArray();
    }

    /// <summary>Microseconds from the head to a phase. The start that a call waited for may have begun before the call came.</summary>
    private long Since(TimeProvider time, CallPhase phase) =>
        (long)Math.Max(0, time.GetElapsedTime(Timeline[CallPhase.Received], Timeline[phase]).TotalMicroseconds);
}
