using System.Diagnostics;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Telemetry;

/// <summary>What metrics say of one call on this runner.</summary>
/// <param name="Function">Its function.</param>
/// <param name="Error">Why it failed; null: the function answered.</param>
/// <param name="Cold">Whether its container was started for it.</param>
/// <param name="Ran">From its slot to its end; null: it had none.</param>
/// <param name="Waited">Until it had a slot, or failed; null: it found one free.</param>
internal readonly record struct CallMeasurement(FunctionSpec Function, CallError? Error, bool Cold, TimeSpan? Ran, TimeSpan? Waited)
{
    /// <summary>Measures a call that is over here.</summary>
    public static CallMeasurement Of(CallOffer call, CallError? error, TimeProvider time)
    {
        var timeline = call.Timeline;
        var ran = timeline.Has(CallPhase.SlotTaken) ? timeline.Between(CallPhase.SlotTaken, CallPhase.Ended) : (TimeSpan?)null;
        return new CallMeasurement(call.Function, error, timeline.Cold, ran, timeline.Reason is null ? null : WaitOf(timeline, time));
    }

    public void TellTo(RunnerTelemetry telemetry)
    {
        var tags = new TagList { { FaasTags.Trigger, FaasTags.TriggerHttp }, { FaasTags.Name, telemetry.Names.Of(Function) } };
        if (Error is null)
            telemetry.Invocations.Add(1, tags);
        else if (Error == CallError.FunctionTimedOut)
            telemetry.Timeouts.Add(1, tags);
        if (Cold)
            telemetry.ColdStarts.Add(1, tags);
        if (Error is { } failed)
            tags.Add(FaasTags.ErrorType, SpanExtensions.NameOf(failed));
        if (Error is not (null or CallError.FunctionTimedOut or CallError.ClientLeft))
            telemetry.Errors.Add(1, tags);
        if (Ran is { } ran)
            telemetry.InvokeDuration.Record(ran.TotalSeconds, tags);
        if (Waited is not { } waited)
            return;
        tags.Add(FaasTags.Start, FaasTags.StartOf(Ran is not null, Cold));
        telemetry.SlotWait.Record(waited.TotalSeconds, tags);
    }

    private static TimeSpan WaitOf(CallTimeline timeline, TimeProvider time)
    {
        var until = timeline.Has(CallPhase.SlotTaken) ? timeline[CallPhase.SlotTaken] : time.GetTimestamp();
        return until < timeline.Offered ? TimeSpan.Zero : time.GetElapsedTime(timeline.Offered, until);
    }
}
