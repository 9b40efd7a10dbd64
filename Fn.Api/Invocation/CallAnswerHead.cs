using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Api.Invocation;

/// <summary>The head of an answer on its way to the client: the function's headers as the translation lets them pass, and what the platform says.</summary>
internal sealed class CallAnswerHead(RunnerAnswer answer, CallTimeline timeline, ICallTranslation translation) : IAnswerHead
{
    /// <summary>Without a type of the function's own, one is guessed from its first bytes.</summary>
    public bool NeedsFirstChunk { get; } = !HasContentType(answer.Headers);

    public void Write(HttpResponse response, ReadOnlySpan<byte> firstChunk)
    {
        WriteTimes(response.Headers, timeline);
        response.StatusCode = translation.StatusOf(answer);
        translation.AppendHeaders(answer, response.Headers);
        if (NeedsFirstChunk && !firstChunk.IsEmpty && response.ContentType is null)
            response.ContentType = ContentSniffer.Detect(firstChunk);
    }

    /// <summary>Says where the call ran, whether its container was hot, and how long each part took. Nothing is said of a call that never held a slot.</summary>
    public static void WriteTimes(IHeaderDictionary headers, CallTimeline timeline)
    {
        if (timeline.RunnerId is { } runner)
            headers[FnHeaders.Runner] = runner;
        if (!timeline.Has(CallPhase.SlotTaken))
            return;
        headers[FnHeaders.Start] = timeline.Cold ? "cold" : "hot";
        headers[FnHeaders.ServerTiming] = timeline.ToServerTiming();
    }

    private static bool HasContentType(IReadOnlyList<Header> headers)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i].Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
