using Fn.Runner.Calls.Offers;
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
            if (FunctionLines.NameOnTheHop(name, value) is { } passed)
                headers.Append(passed, value);
        }
        headers[RunnerWire.Outcome] = RunnerWire.OutcomeAnswer;
        headers[RunnerWire.Timeline] = timeline.ToWire();
    }
}
