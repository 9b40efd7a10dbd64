using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>What is known of one call while it is being sent and until its answer's headers are there.</summary>
internal sealed class Exchange : IDisposable
{
    private readonly CancellationTokenSource _abort;
    private CallFailure? _failure;
    private volatile bool _handed;

    /// <param name="cancel">The caller's token.</param>
    public Exchange(CancellationToken cancel) => _abort = CancellationTokenSource.CreateLinkedTokenSource(cancel);

    /// <summary>Cancelled by the caller, or when the exchange was given up here.</summary>
    public CancellationToken Aborted => _abort.Token;

    /// <summary>Why the exchange was given up here, whatever the HTTP client makes of it.</summary>
    public CallFailure? Failure => Volatile.Read(ref _failure);

    /// <summary>True from the first byte that was, or may have been, written. Guarded by the stream's lock.</summary>
    public bool Seen { get; set; }

    /// <summary>True when the connection was lost, or could not be had, before the first byte. Guarded by the stream's lock.</summary>
    public bool Lost { get; set; }

    /// <summary>True when the function closed its input. Guarded by the stream's lock.</summary>
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

    /// <summary>Gives the exchange up; the first reason stands.</summary>
    public void Fail(CallFailure failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is not null)
            return;
        try
        {
            _abort.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The exchange was over a moment earlier; whoever ended it has looked at the failure after that, or had the whole answer's head before.
        }
    }

    public void Fail(CallError error) => Fail(new CallFailure(error));

    public void Dispose() => _abort.Dispose();
}
