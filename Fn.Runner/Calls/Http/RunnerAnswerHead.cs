using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Runner.Calls.Http;

/// <summary>The head of a function's answer on its way to the gateway: the function's headers as they are, the platform's beside them.</summary>
internal sealed class RunnerAnswerHead(RunnerAnswer answer, CallTimeline timeline) : IAnswerHead
{
    public bool NeedsFirstChunk => false;

    public void Write(HttpResponse response, ReadOnlySpan<byte> firstChunk)
    {
        response.StatusCode = answer.Status;
        var headers = response.Headers;
        foreach (var (name, value) in answer.Headers)
        {
            if (name.Equals("Date", StringComparison.OrdinalIgnoreCase))
                headers.Append(RunnerWire.FunctionDate, value);
            else if (MayPass(name, value))
                headers.Append(name, value);
        }
        headers[RunnerWire.Outcome] = RunnerWire.OutcomeAnswer;
        headers[RunnerWire.Timeline] = timeline.ToWire();
    }

    // A function must not be able to say what only the platform says.
    private static bool MayPass(string name, string value) =>
        !RunnerWire.IsReserved(name)
        && !HopHeaders.Contains(name, value)
        && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        && HeaderRules.IsName(name)
        && HeaderRules.IsValue(value);
}
