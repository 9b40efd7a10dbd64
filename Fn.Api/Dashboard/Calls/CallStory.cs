using Fn.Api.Dashboard.Components.Parts;
using Fn.Api.History;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Dashboard.Calls;

/// <summary>Which kind of time a part of a call was. Decides its colour.</summary>
public enum PartKind
{
    Wait,
    Start,
    Run,
    Send,
}

/// <summary>A stretch of a call between two phases.</summary>
/// <param name="Kind">What kind of time it was.</param>
/// <param name="Name">What was done in it.</param>
/// <param name="From">Milliseconds since the gateway had the call's head.</param>
/// <param name="Length">Milliseconds.</param>
/// <param name="Why">Why it took place; null: it goes without saying.</param>
public sealed record CallPart(PartKind Kind, string Name, double From, double Length, string? Why);

/// <summary>A call that is over, in words and bars.</summary>
public sealed record CallStory
{
    public required string CallId { get; init; }

    public required string FunctionId { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required int Status { get; init; }

    public required bool Cold { get; init; }

    public required bool Detached { get; init; }

    /// <summary>Why it failed, in words; null: it did not.</summary>
    public string? Failure { get; init; }

    public string? RunnerId { get; init; }

    public string? ContainerId { get; init; }

    public string? TraceId { get; init; }

    public required double Queue { get; init; }

    public required double Start { get; init; }

    public required double Run { get; init; }

    /// <summary>Milliseconds from the head to the end.</summary>
    public required double Total { get; init; }

    public required IReadOnlyList<CallPart> Parts { get; init; }

    /// <summary>Why it took as long as it took, a sentence each.</summary>
    public required IReadOnlyList<string> Sentences { get; init; }

    /// <summary>Milliseconds below which nobody waited.</summary>
    private const double Noticeable = 0.5;

    internal static CallStory Of(CallRecord call) => new()
    {
        CallId = call.CallId,
        FunctionId = call.FunctionId,
        ReceivedAt = call.ReceivedAt,
        Status = call.Status,
        Cold = call.Cold,
        Detached = call.Detached,
        Failure = call.Error is { } error ? ErrorWords.Of(error) : null,
        RunnerId = call.RunnerId,
        ContainerId = call.ContainerId,
        TraceId = call.TraceId,
        Queue = call.Queue,
        Start = call.Start,
        Run = call.Run,
        Total = call.Total,
        Parts = [.. Split(call)],
        Sentences = [.. Tell(call)],
    };

    private static IEnumerable<CallPart> Split(CallRecord call)
    {
        var from = 0.0;
        foreach (var (phase, at) in call.Phases)
        {
            // A container whose start was granted before this call came has been on its way meanwhile: what was before is not this call's time.
            var to = Math.Max(from, at / 1000.0);
            if (phase != CallPhase.Received && to > from)
                yield return Name(phase, from, to - from, call);
            from = to;
        }
        if (call.Total - from > Noticeable)
            yield return new CallPart(PartKind.Wait, call.Failed ? "Until it failed" : "To the end", from, call.Total - from, null);
    }

    private static CallPart Name(CallPhase end, double from, double length, CallRecord call) => end switch
    {
        CallPhase.Placed => new(PartKind.Wait, "Placed on a runner", from, length, null),
        CallPhase.Taken => new(PartKind.Wait, "On its way to the runner", from, length, null),
        CallPhase.StartGranted => new(PartKind.Wait, "Waited for a start", from, length, call.EvictionReason ?? call.WaitReason),
        CallPhase.Pulled => new(PartKind.Start, "Image", from, length, call.StartReason),
        CallPhase.Created => new(PartKind.Start, "Container created", from, length, call.StartReason),
        CallPhase.Started => new(PartKind.Start, "Container started", from, length, call.StartReason),
        CallPhase.Ready => new(PartKind.Start, "Ready for calls", from, length, call.StartReason),
        CallPhase.SlotTaken => new(PartKind.Wait, "Waited for a slot", from, length, call.WaitReason),
        CallPhase.Answered => new(PartKind.Run, "Function ran", from, length, null),
        _ => new(PartKind.Send, "Answer passed on", from, length, null),
    };

    private static IEnumerable<string> Tell(CallRecord call)
    {
        if (call.WaitReason is { } wait)
            yield return $"Waited {Show.Milliseconds(call.Queue + (call.Cold ? call.Start : 0))}: {wait}.";
        else if (call.Queue >= Noticeable)
            yield return $"Waited {Show.Milliseconds(call.Queue)} until it held a slot.";
        if (call.Cold)
            yield return $"A container was started in {Show.Milliseconds(call.Start)}{(call.StartReason is { } start ? $": {start}" : "")}.";
        if (call.EvictionReason is { } eviction)
            yield return $"For its memory: {eviction}.";
        if (call.Error is { } error)
            yield return $"Failed after {Show.Milliseconds(call.Total)}: {ErrorWords.Of(error)}.";
        else if (call.Detached)
            yield return "Accepted to run on without its client; what became of it is in the function’s log.";
        else
            yield return $"The function answered {call.Status} in {Show.Milliseconds(call.Run)}{(call.Cold ? "" : ", in a container that was hot")}.";
    }
}
