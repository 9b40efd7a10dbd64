using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>A call that a container was sent: what the function makes of it is the test's to decide.</summary>
internal sealed class FakeExchange(ExchangeRequest request, FakeChannel channel, CancellationToken cancel)
{
    // Not asynchronous: what follows stays with the scheduler of the test.
    private readonly TaskCompletionSource<ExchangeOutcome> _outcome = new();

    public ExchangeRequest Request => request;

    public FakeChannel Channel => channel;

    public bool IsCancelled => cancel.IsCancellationRequested;

    public async ValueTask<ExchangeOutcome> RunAsync()
    {
        // What is begun and not read to its end leaves something in the stream.
        channel.Reusable = false;
        return await _outcome.Task.WaitAsync(cancel);
    }

    /// <summary>The function's headers are here; its body is what the test writes.</summary>
    public FakeBody Answer()
    {
        var body = new FakeBody(channel, cancel);
        _outcome.SetResult(new ExchangeAnswer { Status = 200, Headers = [], ContentLength = null, Body = body });
        return body;
    }

    /// <summary>The function answers with a whole body.</summary>
    public void Answer(string text)
    {
        var body = Answer();
        if (text.Length > 0)
            body.Write(text);
        body.End();
    }

    public void Fail(CallFailure failure) => _outcome.SetResult(new ExchangeFailedOutcome(failure));

    public void NotSent() => _outcome.SetResult(NotSentOutcome.Instance);

    public void Throw(Exception exception) => _outcome.SetException(exception);
}
