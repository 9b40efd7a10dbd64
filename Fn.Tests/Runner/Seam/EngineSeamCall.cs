using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.IO;
using Fn.Tests.Fakes;

namespace Fn.Tests.Runner.Seam;

/// <summary>A call that the engine sent to a container.</summary>
internal sealed class EngineSeamCall : ISeamCall
{
    private readonly TaskCompletionSource<ExchangeOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FakeChannel _channel;
    private readonly CancellationToken _cancel;

    public EngineSeamCall(CallOffer offer, FakeChannel channel, CancellationToken cancel)
    {
        (Offer, _channel, _cancel) = (offer, channel, cancel);
        cancel.Register(() =>
        {
            _cancelled.TrySetResult();
            _outcome.TrySetCanceled(cancel);
        });
    }

    public CallOffer Offer { get; }

    public Task ClientLeft => _cancelled.Task;

    public Task<ExchangeOutcome> Outcome => _outcome.Task;

    public Stream OpenBody() => Offer.Body.IsBuffered ? new MemoryStream(Offer.Body.Buffered.ToArray()) : Offer.Body.Open();

    public void Fail(CallFailure failure) => _outcome.TrySetResult(new ExchangeFailedOutcome(failure));

    public void Accept() => Answer(200, [], 0).End();

    public ISeamAnswer Answer(int status, IReadOnlyList<Header> headers, long? contentLength)
    {
        var scripted = ScriptedAnswer.Create(status, headers, contentLength);
        _outcome.SetResult(new ExchangeAnswer { Status = status, Headers = headers, ContentLength = contentLength, Body = new Body(scripted, _channel, _cancel) });
        return scripted;
    }

    /// <summary>What the engine reads; leaves the channel reusable when it was read to its end.</summary>
    private sealed class Body(ScriptedAnswer answer, FakeChannel channel, CancellationToken cancel) : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, cancellationToken);
            var read = await answer.Body.ReadAsync(buffer, both.Token);
            if (read == 0 && buffer.Length > 0)
                channel.Reusable = true;
            return read;
        }

        public override async ValueTask DisposeAsync()
        {
            await answer.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
