using System.Text;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>A call that a scripted runner took. The test plays the function: reads the body, and decides the outcome, once.</summary>
internal sealed class ScriptedCall
{
    private readonly TaskCompletionSource<OfferOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ScriptedCall(CallOffer offer, CancellationToken clientLeft)
    {
        Offer = offer;
        clientLeft.Register(() =>
        {
            _left.TrySetResult();
            _outcome.TrySetResult(new FailedOutcome(new CallFailure(CallError.ClientLeft)));
        });
    }

    /// <summary>The call as it arrived.</summary>
    public CallOffer Offer { get; }

    /// <summary>Completes when the runner was told that the client left.</summary>
    public Task ClientLeft => _left.Task;

    public Task<OfferOutcome> Outcome => _outcome.Task;

    public void Fail(CallFailure failure) => _outcome.TrySetResult(new FailedOutcome(failure));

    public void Accept() => _outcome.TrySetResult(new AcceptedOutcome());

    /// <summary>Sends the answer's head; the body follows as the test writes it.</summary>
    public ScriptedAnswer Answer(int status = 200, IReadOnlyList<Header>? headers = null, long? contentLength = null)
    {
        Offer.Timeline.Mark(CallPhase.SlotTaken);
        Offer.Timeline.Mark(CallPhase.Answered);
        var answer = ScriptedAnswer.Create(status, headers, contentLength);
        Give(answer);
        return answer;
    }

    /// <summary>Gives an answer of which some, or all, may have been written.</summary>
    public void Give(ScriptedAnswer answer)
    {
        if (!_outcome.TrySetResult(new AnsweredOutcome(answer)))
            throw new InvalidOperationException("The call has ended.");
    }

    /// <summary>Answers with a whole body.</summary>
    public async Task<ScriptedAnswer> AnswerAsync(string body, int status = 200, IReadOnlyList<Header>? headers = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var answer = Answer(status, headers, bytes.Length);
        await answer.WriteAsync(bytes);
        answer.End();
        return answer;
    }

    /// <summary>Asks for the body, when it is still with the client, and gives the way to it.</summary>
    public Stream OpenBody() => Offer.Body.IsBuffered ? new MemoryStream(Offer.Body.Buffered.ToArray()) : Offer.Body.Open();

    public async Task<byte[]> ReadBodyAsync(CancellationToken cancel)
    {
        var bytes = new MemoryStream();
        await OpenBody().CopyToAsync(bytes, cancel);
        return bytes.ToArray();
    }
}
