using System.Runtime.CompilerServices;

namespace Fn.ServiceDefaults.Http;

/// <summary>
/// A request's body on its way to whoever runs the call. Every failure is an <see cref="IOException"/>, a body that ends before its announced length is one
/// too, and so is one that goes over the limit: a part never passes for the whole.
/// </summary>
/// <param name="inner">The server's stream.</param>
/// <param name="length">Length in bytes if it was announced.</param>
/// <param name="limit">Most bytes that are passed on; null: no limit.</param>
public sealed class IncomingBody(Stream inner, long? length, long? limit = null) : ForwardOnlyStream
{
    private long _total;
    private volatile bool _ended;

    /// <summary>True once the body has gone over its limit.</summary>
    public bool OverLimit { get; private set; }

    /// <summary>
    /// Lets every later read fail. Called when the call has its answer: from then on the sender may stop wherever it likes, and a reader that was left
    /// behind must not take the place where it stopped for the end.
    /// </summary>
    public void End() => _ended = true;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // The server tells of an aborted connection this way.
            throw new IOException("The client left.", e);
        }
        ThrowIfEnded();
        _total += count;
        if (_total > limit)
        {
            OverLimit = true;
            throw new IOException($"The body is larger than {limit} bytes.");
        }
        if (count == 0 && buffer.Length > 0 && _total < length)
            throw new IOException($"The body ended after {_total} of {length} bytes.");
        return count;
    }

    private void ThrowIfEnded()
    {
        if (_ended)
            throw new IOException("The call has ended; its body is no longer read.");
    }
}
