namespace Fn.Api.History;

/// <summary>Counts what became of the calls of one function, or of all, in a stretch of time. Not thread-safe.</summary>
internal sealed class CallTally
{
    public long Calls { get; private set; }

    public long ColdCalls { get; private set; }

    public long FailedCalls { get; private set; }

    /// <summary>Microseconds that cold calls waited for starts.</summary>
    public long ColdWait { get; private set; }

    public LatencyCounts Hot { get; private init; } = new();

    public LatencyCounts Cold { get; private init; } = new();

    /// <summary>A tally that was made elsewhere.</summary>
    public static CallTally Of(long calls, long cold, long failed, long coldWait, LatencyCounts hot, LatencyCounts coldTimes) =>
        new() { Calls = calls, ColdCalls = cold, FailedCalls = failed, ColdWait = coldWait, Hot = hot, Cold = coldTimes };

    public void Add(in CountedCall call)
    {
        Calls++;
        ColdCalls += call.Cold ? 1 : 0;
        FailedCalls += call.Failed ? 1 : 0;
        ColdWait += (long)(call.Start * 1000);
        if (!call.Failed && call.ToHeaders is { } microseconds)
            (call.Cold ? Cold : Hot).Add(LatencyCounts.ClassOf(microseconds));
    }

    public void Add(CallTally other)
    {
        Calls += other.Calls;
        ColdCalls += other.ColdCalls;
        FailedCalls += other.FailedCalls;
        ColdWait += other.ColdWait;
        Hot.Add(other.Hot);
        Cold.Add(other.Cold);
    }

    public CallFigures ToFigures() => new(
        Calls, ColdCalls, FailedCalls, Hot.Percentile(0.5), Hot.Percentile(0.99), Cold.Percentile(0.5), Cold.Percentile(0.99), ColdWait / 1000.0);
}
