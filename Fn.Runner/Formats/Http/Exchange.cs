using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>What is known of one call while it is being sent and until its answer's headers are there.</summary>
internal sealed class Exchange
{
    private CancellationTokenSource? _source;
    private CallFailure? _failure;
    private volatile bool _handed;

    /// <summary>Why the exchange was given up here, whatever reading and writing makes of it.</summary>
    public CallFailure? Failure => Volatile.Read(ref _failure);

    /// <summary>True from the first byte that was, or may have been, written. Guarded by the link's lock.</summary>
    public bool Seen { get; set; }

    /// <summary>
    /// True when the connection was lost, or could not be had, before the first byte, or before all of it was read where that is told. Guarded by the link's lock.
    /// </summary>
    public bool Lost { get; set; }

    /// <summary>True when the function closed its input. Guarded by the link's lock.</summary>
    public bool WriteFailed { get; set; }

    /// <summary>True when a connection was opened for this call: no second one is.</summary>
    public bool Dialled { get; set; }

    /// <summary>
    /// True once nothing of the body is left with its source. Set before the last piece is written, so that an answer to the whole request never finds it
    /// false.
    /// </summary>
    public bool Handed
    {
        get => _handed;
        set => _handed = value;
    }

    /// <summary>What ends the reading of a body that is still with its client when the exchange is given up. Whoever reads disposes it.</summary>
    public CancellationTokenSource WatchSource(CancellationToken cancel)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Volatile.Write(ref _source, source);
        // Thread A (here) may come after thread B has looked for something to cancel.
        if (Failure is not null)
            source.Cancel();
        return source;
    }

    /// <summary>Gives the exchange up; the first reason stands.</summary>
    public void Fail(CallFailure failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is not null)
            return;
        try
        {
            Volatile.Read(ref _source)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The body was read to its end a moment earlier.
        }
    }

    public void Fail(CallError error) => Fail(new CallFailure(error));
}
