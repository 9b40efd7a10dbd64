using System.Diagnostics;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Api.Telemetry;

/// <summary>What metrics say of one call of a client.</summary>
/// <param name="Function">Its function.</param>
/// <param name="Start">How it started, as <see cref="StartOf"/>.</param>
/// <param name="Error">Why it failed; null: the function answered.</param>
/// <param name="Took">From its head to the end of its answer.</param>
internal readonly record struct CallMeasurement(FunctionSpec Function, string Start, CallError? Error, TimeSpan Took)
{
    public static CallMeasurement Of(FunctionSpec function, CallTimeline timeline) =>
        new(function, StartOf(timeline), timeline.Error, timeline.Between(CallPhase.Received, CallPhase.Ended));

    /// <summary>Whether a call found its container hot or waited for its start, or never had one.</summary>
    public static string StartOf(CallTimeline timeline) =>
        FaasTags.StartOf(timeline.Has(CallPhase.SlotTaken), timeline.Cold);

    public void TellTo(GatewayTelemetry telemetry)
    {
        var tags = new TagList { { FaasTags.Start, Start }, { FaasTags.Name, telemetry.Names.Of(Function) } };
        if (Error is { } error)
            tags.Add(FaasTags.ErrorType, SpanExtensions.NameOf(error));
        telemetry.CallDuration.Record(Took.TotalSeconds, tags);
    }
}
