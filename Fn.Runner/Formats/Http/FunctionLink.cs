using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>
/// The two streams to a function. One read of the function's output is outstanding from the end of one exchange into the next, so the link knows what the
/// function says at the wrong time: while it has no call, or before it has the whole request.
/// </summary>
/// <remarks>One exchange at a time, with one writer and one reader. The streams themselves belong to the container.</remarks>
internal sealed partial class FunctionLink : IDisposable
{
    /// <summary>How long a function that answered may take to let the last piece of its request through, or to show how it ended.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Stream _output;
    private readonly Stream _input;
    private readonly TimeProvider _time;
    private readonly bool _wholeRequests;
    private readonly bool _unreadIsReset;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;
    private readonly TaskCompletionSource _unusable = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Phase _phase = Phase.Idle;
    private Exchange? _exchange;
    private ITimer? _grace;

    // The write that is under way, once it has to wait for the function to read.
    private Task? _write;

    private bool _disposed;

    /// <param name="output">What the function writes.</param>
    /// <param name="input">What the function reads; may be the same stream.</param>
    /// <param name="time">The clock.</param>
    /// <param name="wholeRequests">Whether the other side acts on whole requests only: one that could not be written to its end was not seen.</param>
    /// <param name="unreadIsReset">Whether the streams are reset when, and only when, the other side ends without having read all that was written.</param>
    public FunctionLink(Stream output, Stream input, TimeProvider time, bool wholeRequests = false, bool unreadIsReset = false)
    {
        (_output, _input, _time, _closed) = (output, input, time, _closing.Token);
        (_wholeRequests, _unreadIsReset) = (wholeRequests, wholeRequests && unreadIsReset);
        _outstanding = new OutstandingRead(output, Heard);
        BeginRead();
    }

    private enum Phase
    {
        /// <summary>No call. Whatever the function says ends the connection.</summary>
        Idle,

        /// <summary>A request is being written, or its answer's headers awaited.</summary>
        Sending,

        /// <summary>The answer's headers are here, its body is read.</summary>
        Answering,

        /// <summary>Not to be used again.</summary>
        Dead,
    }

    /// <summary>Completes when the link cannot be used for another exchange; never faults.</summary>
    public Task Unusable => _unusable.Task;

    /// <summary>Whether another exchange may begin.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
                return _phase == Phase.Idle && !_heard;
        }
    }

    /// <summary>Begins an exchange; false when the function has closed its stream or said something since the last one.</summary>
    public bool TryBegin(Exchange exchange)
    {
        lock (_lock)
        {
            if (_phase != Phase.Idle || _heard)
                return false;
            (_phase, _exchange) = (Phase.Sending, exchange);
            return true;
        }
    }

    /// <summary>The exchange ended before its first byte: the link is as it was.</summary>
    public void EndUnsent()
    {
        lock (_lock)
        {
            if (_phase == Phase.Sending)
                _phase = Phase.Idle;
            EndWatchLocked();
        }
    }

    /// <summary>The answer was read to its end. From now on the function has to be silent.</summary>
    public void EndExchange()
    {
        var more = _start < _end;
        lock (_lock)
        {
            // Thread A (here) may come after thread B has ended the link.
            if (_phase != Phase.Answering)
                return;
            ForgetLocked();
        }
        if (more)
        {
            Dispose();
            return;
        }
        // Outside the lock, because it may complete at once.
        BeginRead();
        lock (_lock)
        {
            if (_phase != Phase.Answering)
                return;
            _phase = _heard ? Phase.Dead : Phase.Idle;
            if (_phase == Phase.Idle)
                return;
        }
        _unusable.TrySetResult();
    }

    /// <summary>Ends the link, not the streams: pending reads and writes fail, no further exchange begins. Idempotent.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _phase = Phase.Dead;
            EndWatchLocked();
        }
        _closing.Cancel();
        _closing.Dispose();
        // By another thread: whoever waits must not go on inside of whatever has ended the link.
        ThreadPool.UnsafeQueueUserWorkItem(static link => link.Tell(), this, preferLocal: false);
        _unusable.TrySetResult();
    }

    private void ArmGraceLocked() => _grace ??= _time.CreateTimer(static state => ((FunctionLink)state!).GraceOver(), this, Moment, Timeout.InfiniteTimeSpan);

    /// <summary>
    /// Thread A's last write lets the function answer before A has returned from it; thread B hears the answer meanwhile. That is no early answer, so B only
    /// sets a timer. A function that really answered early does not read, and A's write is still pending when the timer fires. On a busy machine A may take
    /// longer than that to return from a write that is done, so the write itself is looked at.
    /// </summary>
    private void GraceOver()
    {
        Exchange? early;
        lock (_lock)
        {
            _grace?.Dispose();
            _grace = null;
            early = _phase == Phase.Sending && _write is { IsCompleted: false } ? _exchange : null;
        }
        if (early is not null)
            GiveUp(early, CallError.AnsweredEarly);
    }

    private void GiveUp(Exchange exchange, CallError error)
    {
        exchange.Fail(error);
        Dispose();
    }

    private void EndWatchLocked()
    {
        _grace?.Dispose();
        _grace = null;
        _exchange = null;
    }

    private static IOException Gone() => new("The connection to the function is gone.");
}
