using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Api.Runners;

/// <summary>What a runner's response says of an offer (docs/wire.md).</summary>
/// <param name="status">Of the response.</param>
/// <param name="lines">Its header lines.</param>
internal readonly struct OfferResponse(int status, IReadOnlyList<Header> lines)
{
    /// <summary>The runner's id, where it refuses a proof; null anywhere else. A function's own 401 comes with the outcome of its call.</summary>
    public string? RefusingRunner =>
        status == StatusCodes.Status401Unauthorized && Value(RunnerWire.Outcome) is null ? Value(RunnerWire.RunnerId) : null;

    /// <summary>Whether it is the function's answer.</summary>
    /// <param name="timeline">Takes what the runner says of the call's times, whatever became of it.</param>
    public bool IsAnswer(CallTimeline timeline)
    {
        var outcome = Value(RunnerWire.Outcome);
        if (outcome is not null && Value(RunnerWire.Timeline) is { } wire)
            timeline.MergeWire(wire);
        return outcome == RunnerWire.OutcomeAnswer;
    }

    /// <summary>The outcome, if it is no answer; null when the response is none that a runner gives.</summary>
    public OfferOutcome? ReadOutcome() => Value(RunnerWire.Outcome) switch
    {
        RunnerWire.OutcomeAccepted => new AcceptedOutcome(),
        RunnerWire.OutcomeFailed => new FailedOutcome(RunnerWire.ReadFailure(Value)),
        _ when status == StatusCodes.Status503ServiceUnavailable && Value(RunnerWire.NotPlaced) is { } reason => new RefusedOutcome(RunnerWire.ToReason(reason)),
        _ => null,
    };

    /// <summary>The function's header lines, without those of the platform and of the hop.</summary>
    public List<Header> FunctionsLines()
    {
        var functions = new List<Header>(lines.Count);
        for (var i = 0; i < lines.Count; i++)
        {
            var (name, value) = lines[i];
            if (name.Equals(RunnerWire.FunctionDate, StringComparison.OrdinalIgnoreCase))
                functions.Add(new Header("Date", value));
            else if (!RunnerWire.IsReserved(name) && !name.Equals("Date", StringComparison.OrdinalIgnoreCase) && !HopHeaders.Contains(name, value))
                functions.Add(lines[i]);
        }
        return functions;
    }

    private string? Value(string name)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return lines[i].Value;
        }
        return null;
    }
}
