using System.Net.Sockets;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>
/// The two streams to a function, under the HTTP client. The client writes a whole request before it looks for an answer and knows nothing of a connection
/// that is idle; the link keeps one read of the function's output outstanding from the end of one exchange into the next, so it knows what the function
/// says at the wrong time.
/// </summary>
/// <remarks>
/// One reader and one writer at a time, as the client has it. The client disposes its stream when it gives a connection up; if nothing was written in this
/// exchange, the link is as good as before and can be given to it again (<see cref="TryAttach"/>). The streams themselves belong to the container.
/// </remarks>
internal sealed partial class FunctionLink : IDisposable
{
    private const int AheadSize = 4096;

    /// <summary>How long a function that answered may take to let the last piece of its request through, or to show how it ended.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Stream _output;
    private readonly Stream _input;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;
    private readonly TaskCompletionSource _unusable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _aheadBuffer = new byte[AheadSize];

    // The outstanding read and, once it is done, what is left of its result. An end of stream stays: 0 bytes, never used up.
    private Task<int> _ahead;
    private int _aheadLength;
    private int _aheadOffset;
    private bool _aheadDone;
    private bool _aheadUsed;

    private Phase _phase = Phase.Idle;
    private Exchange? _exchange;
    private ITimer? _grace;
    private bool _writing;

    // The write that is under way, once it has to wait for the function to read.
    private Task? _write;

    // The client's connection, by identity only: the client disposes it.
    private object? _client;

    private bool _disposed;
    private TaskCompletionSource? _idleAgain;

    /// <param name="output">What the function writes.</param>
    /// <param name="input">What the function reads; may be the same stream.</param>
    /// <param name="time">The clock.</param>
    public FunctionLink(Stream output, Stream input, TimeProvider time)
    {
        (_output, _input, _time, _closed) = (output, input, time, _closing.Token);
        _ahead = ReadAheadAsync();
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
                return _phase == Phase.Idle && !_aheadDone;
        }
    }

    /// <summary>Begins an exchange; false when the function has closed its stream or said something since the last one.</summary>
    public bool TryBegin(Exchange exchange)
    {
        lock (_lock)
        {
            if (_phase != Phase.Idle || _aheadDone)
                return false;
            (_phase, _exchange) = (Phase.Sending, exchange);
            return true;
        }
    }

    /// <summary>Gives the link to the client as a connection; null when the client has it, or it cannot be used.</summary>
    public ClientStream? TryAttach()
    {
        lock (_lock)
        {
            if (_client is not null || _phase == Phase.Dead || _aheadDone)
                return null;
            var client = new ClientStream(this);
            _client = client;
            return client;
        }
    }

    /// <summary>The answer's headers are here: everything was written.</summary>
    public void EndSending()
    {
        lock (_lock)
        {
            if (_phase == Phase.Sending)
                _phase = Phase.Answering;
            EndWatchLocked();
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
        lock (_lock)
        {
            // Thread A (here) may come after the client has given the connection up, because of bytes after the answer or at the function's wish.
            if (_phase != Phase.Answering)
                return;
            (_aheadDone, _aheadUsed, _aheadOffset, _aheadLength) = (false, false, 0, 0);
        }
        // Outside the lock, because it may complete at once. The client reads nothing meanwhile: see WaitForDataAsync.
        var ahead = ReadAheadAsync();
        TaskCompletionSource? idleAgain;
        lock (_lock)
        {
            _ahead = ahead;
            if (_phase == Phase.Answering)
                _phase = _aheadDone ? Phase.Dead : Phase.Idle;
            (idleAgain, _idleAgain) = (_idleAgain, null);
        }
        idleAgain?.TrySetResult();
        if (ahead.IsCompleted)
            _unusable.TrySetResult();
    }

    /// <summary>Ends the link, not the streams: pending reads and writes fail, no further exchange begins. Idempotent.</summary>
    public void Dispose()
    {
        TaskCompletionSource? idleAgain;
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _phase = Phase.Dead;
            EndWatchLocked();
            (idleAgain, _idleAgain) = (_idleAgain, null);
        }
        _closing.Cancel();
        _closing.Dispose();
        idleAgain?.TrySetResult();
        _unusable.TrySetResult();
    }

    /// <summary>Why a write failed: the function answered first, ended, or only closed its input.</summary>
    public async ValueTask<CallError> WhyWriteFailedAsync()
    {
        await Task.WhenAny(_ahead, Task.Delay(Moment, _time, _closed));
        lock (_lock)
            return !_aheadDone ? CallError.InputClosed : _aheadLength > 0 ? CallError.AnsweredEarly : CallError.AnswerBroken;
    }

    private async Task<int> ReadAheadAsync()
    {
        int count;
        try
        {
            count = await _output.ReadAsync(_aheadBuffer, _closed);
        }
        catch (Exception e) when (IsEnd(e))
        {
            count = 0;
        }
        Heard(count);
        return count;
    }

    /// <summary>The outstanding read is done. What that means depends on the moment at which it came.</summary>
    private void Heard(int count)
    {
        Exchange? failed = null;
        bool dead;
        lock (_lock)
        {
            (_aheadDone, _aheadLength) = (true, count);
            if (_phase == Phase.Idle)
                _phase = Phase.Dead;
            dead = _phase == Phase.Dead;
            if (_phase == Phase.Sending && _exchange is { Seen: true } exchange)
            {
                if (count == 0 || !exchange.Handed)
                    failed = exchange;
                else if (_writing)
                    ArmGraceLocked();
            }
        }
        if (dead)
            _unusable.TrySetResult();
        failed?.Fail(count == 0 ? CallError.AnswerBroken : CallError.AnsweredEarly);
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
        early?.Fail(CallError.AnsweredEarly);
    }

    private void EndWatchLocked()
    {
        _grace?.Dispose();
        _grace = null;
        _exchange = null;
    }

    private static bool IsEnd(Exception e) =>
        e is IOException or ObjectDisposedException or OperationCanceledException or SocketException or InvalidOperationException;
}
