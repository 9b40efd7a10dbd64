using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>What the function says. Between the end of the outstanding read and the end of the exchange, what has come belongs to the exchange's reader alone.</summary>
internal sealed partial class FunctionLink : IValueTaskSource
{
    private const int BufferSize = 4096;

    private readonly OutstandingRead _outstanding;
    private readonly AnswerHeadReader _head = new();

    // What has come and is not used up. An end of the stream stays: no bytes, but heard.
    private byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;

    // Whether the outstanding read is done.
    private bool _heard;

    // Whoever waits for that: the exchange's reader, or a failed write that looks for its reason.
    private ManualResetValueTaskSourceCore<bool> _hearing;
    private bool _awaited;
    private TaskCompletionSource? _asked;

    /// <summary>Completes when the function has said something since the exchange began, or nothing more will come.</summary>
    public ValueTask HeardAsync()
    {
        lock (_lock)
        {
            if (_phase == Phase.Dead)
                throw Gone();
            if (_heard)
                return ValueTask.CompletedTask;
            _hearing.Reset();
            _awaited = true;
            return new ValueTask(this, _hearing.Version);
        }
    }

    /// <summary>Reads the answer's head, past those that only say that there is another to come. To be called when <see cref="HeardAsync"/> is done.</summary>
    /// <param name="limit">Most bytes that all of it may have.</param>
    public ValueTask<HeadOutcome> ReadHeadAsync(long limit)
    {
        _head.Begin();
        // Nearly always it is here as a whole.
        return TryReadHead(ref limit) is { } outcome ? ValueTask.FromResult(outcome) : ReadHeadOnAsync(limit);
    }

    private async ValueTask<HeadOutcome> ReadHeadOnAsync(long limit)
    {
        HeadOutcome? outcome;
        do
        {
            if (_end - _start >= limit)
                return HeadOutcome.TooLarge;
            if (!await ReadMoreAsync())
                return HeadOutcome.Broken;
            outcome = TryReadHead(ref limit);
        }
        while (outcome is null);
        return outcome.Value;
    }

    /// <summary>Reads what has come of the answer's head; null: there is more to come.</summary>
    private HeadOutcome? TryReadHead(ref long limit)
    {
        while (_head.Read(_buffer.AsSpan(_start, _end - _start)) is { } outcome)
        {
            limit -= _head.Used;
            if (limit < 0)
                return HeadOutcome.TooLarge;
            _start += _head.Used;
            if (outcome.Head is not { Status: < StatusCodes.Status200OK and not StatusCodes.Status101SwitchingProtocols })
            {
                EndSending();
                return outcome;
            }
            _head.Begin();
        }
        return null;
    }

    /// <summary>Reads what comes next; 0 at the end of the stream.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> target)
    {
        if (_start == _end)
            return _output.ReadAsync(target, _closed);
        var count = Math.Min(_end - _start, target.Length);
        _buffer.AsSpan(_start, count).CopyTo(target.Span);
        _start += count;
        return ValueTask.FromResult(count);
    }

    /// <summary>Reads a line without its end, which may lack the carriage return; null when the stream ends before, or the line is longer than the buffer.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync()
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n')) < 0)
        {
            if (_end - _start >= BufferSize || !await ReadMoreAsync())
                return null;
        }
        var line = _buffer.AsMemory(_start, length);
        _start += length + 1;
        return line.Span is [.., (byte)'\r'] ? line[..^1] : line;
    }

    /// <summary>Why a write failed: the function answered first, ended, or only closed its input.</summary>
    public async ValueTask<CallError> WhyWriteFailedAsync()
    {
        Task heard;
        lock (_lock)
            heard = _heard ? Task.CompletedTask : (_asked ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        await Task.WhenAny(heard, Task.Delay(Moment, _time, _closed));
        lock (_lock)
            return !_heard ? CallError.InputClosed : _end > 0 ? CallError.AnsweredEarly : CallError.AnswerBroken;
    }

    void IValueTaskSource.GetResult(short token) => _hearing.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _hearing.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _hearing.OnCompleted(continuation, state, token, flags);

    // Not ended with the link: whoever waits is told of that, and nobody else will read.
    private void BeginRead() => _outstanding.Begin(_buffer);

    /// <summary>The outstanding read is done. What that means depends on the moment at which it came.</summary>
    private void Heard(int count, Exception? end)
    {
        var unread = _unreadIsReset && end is IOException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionReset } };
        Exchange? failed = null;
        TaskCompletionSource? asked;
        bool dead, awaited = false;
        lock (_lock)
        {
            (_heard, _start, _end) = (true, 0, count);
            if (_phase == Phase.Idle)
                _phase = Phase.Dead;
            dead = _phase == Phase.Dead;
            if (_phase == Phase.Sending && _exchange is { Seen: true } exchange)
            {
                if (count == 0 || !exchange.Handed)
                    failed = exchange;
                else if (_write is not null)
                    ArmGraceLocked();
            }
            // A failed write is already looking for its reason, and finds it here.
            if (failed is { WriteFailed: true })
                failed = null;
            if (unread && failed is not null)
                (failed.Seen, failed.Lost) = (false, true);
            asked = _asked;
            // Taken within the lock: a moment later another exchange may wait, which has heard nothing yet.
            if (failed is null && !_disposed)
                (awaited, _awaited) = (_awaited, false);
        }
        asked?.TrySetResult();
        if (dead)
            _unusable.TrySetResult();
        if (failed is not null)
            GiveUp(failed, count == 0 ? CallError.AnswerBroken : CallError.AnsweredEarly);
        else if (awaited)
            // Whoever waits goes on inside of this call.
            _hearing.SetResult(true);
    }

    /// <summary>Lets whoever waits go on, because the link has ended.</summary>
    private void Tell()
    {
        lock (_lock)
        {
            if (!_awaited)
                return;
            _awaited = false;
        }
        _hearing.SetResult(true);
    }

    /// <summary>The answer's head is here: everything was written.</summary>
    private void EndSending()
    {
        lock (_lock)
        {
            if (_phase == Phase.Sending)
                _phase = Phase.Answering;
            EndWatchLocked();
        }
    }

    private async ValueTask<bool> ReadMoreAsync()
    {
        // An end that was heard stays one.
        if (_end == 0)
            return false;
        if (_start == _end)
            (_start, _end) = (0, 0);
        if (_end == _buffer.Length)
            MakeRoom();
        var count = await _output.ReadAsync(_buffer.AsMemory(_end), _closed);
        _end += count;
        return count > 0;
    }

    private void MakeRoom()
    {
        var rest = _buffer.AsSpan(_start, _end - _start);
        var target = rest.Length < _buffer.Length / 2 ? _buffer : new byte[_buffer.Length * 2];
        rest.CopyTo(target);
        (_buffer, _start, _end) = (target, 0, rest.Length);
    }

    private void ForgetLocked()
    {
        (_heard, _start, _end) = (false, 0, 0);
        // What a large head needed is not kept for a function that is idle.
        if (_buffer.Length > BufferSize)
            _buffer = new byte[BufferSize];
    }
}
