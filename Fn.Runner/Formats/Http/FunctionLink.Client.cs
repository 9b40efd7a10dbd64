using System.Text;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>What the HTTP client's stream does.</summary>
internal sealed partial class FunctionLink
{
    /// <summary>What the kernel writes to a pipe as a whole or not at all, in bytes.</summary>
    private const int AtomicWrite = 4096;

    private static ReadOnlySpan<byte> AnswerStart => "HTTP/1."u8;

    public ValueTask<int> ReadAsync(ClientStream client, Memory<byte> buffer)
    {
        Task<int> ahead;
        lock (_lock)
        {
            if (client != _client || (_phase == Phase.Dead && !_aheadDone))
                throw Gone();
            if (buffer.IsEmpty)
                return WaitForDataAsync();
            if (_aheadUsed)
                return _output.ReadAsync(buffer, _closed);
            ahead = _ahead;
        }
        return TakeAheadAsync(client, ahead, buffer);
    }

    public async ValueTask WriteAsync(ClientStream client, ReadOnlyMemory<byte> buffer)
    {
        var exchange = BeginWrite(client, out var first);
        try
        {
            var write = _input.WriteAsync(buffer, _closed);
            await (write.IsCompleted ? write : WatchWrite(write.AsTask()));
        }
        catch (Exception e) when (IsEnd(e))
        {
            // A first piece of this size was not written even in part, so the function has seen nothing of the call.
            WriteFailed(exchange, unseen: first && buffer.Length <= AtomicWrite && !_closed.IsCancellationRequested);
            throw new IOException("The function closed its input.", e);
        }
        lock (_lock)
            (_writing, _write) = (false, null);
    }

    /// <summary>The client gives its connection up. While nothing of a call is under way, that says nothing against the function.</summary>
    public void Detach(ClientStream client)
    {
        bool end;
        lock (_lock)
        {
            if (client != _client)
                return;
            _client = null;
            end = _phase == Phase.Answering || (_phase == Phase.Sending && _exchange is { Seen: true });
            if (end)
                _phase = Phase.Dead;
            // The outstanding read may still tell why a write failed; nothing else is pending then.
            end &= _exchange is not { WriteFailed: true };
        }
        if (end)
            Dispose();
    }

    private Exchange BeginWrite(ClientStream client, out bool first)
    {
        lock (_lock)
        {
            if (client != _client || _phase != Phase.Sending || _exchange is not { } exchange)
                throw Gone();
            first = !exchange.Seen;
            if (first && _aheadDone)
            {
                exchange.Lost = true;
                throw Gone();
            }
            exchange.Seen = true;
            _writing = true;
            return exchange;
        }
    }

    private ValueTask WatchWrite(Task write)
    {
        lock (_lock)
        {
            _write = write;
            // The answer may have come between two writes: then nobody has set the timer yet.
            if (_phase == Phase.Sending && _aheadDone && _aheadLength > 0)
                ArmGraceLocked();
        }
        return new ValueTask(write);
    }

    private void WriteFailed(Exchange exchange, bool unseen)
    {
        lock (_lock)
        {
            (_writing, _write) = (false, null);
            exchange.WriteFailed = true;
            if (unseen)
                (exchange.Seen, exchange.Lost) = (false, true);
        }
    }

    /// <summary>
    /// A read of no bytes is the client looking after its idle connections; the next real read follows it. It may come when the client is done with an
    /// answer whose reader has not yet seen the end, so it waits until the outstanding read of the idle time exists.
    /// </summary>
    private async ValueTask<int> WaitForDataAsync()
    {
        Task? idleAgain;
        lock (_lock)
            idleAgain = _phase == Phase.Answering ? (_idleAgain ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : null;
        if (idleAgain is not null)
            await idleAgain;
        Task<int> ahead;
        lock (_lock)
            ahead = _ahead;
        await ahead;
        return 0;
    }

    private async ValueTask<int> TakeAheadAsync(ClientStream client, Task<int> ahead, Memory<byte> buffer)
    {
        await ahead;
        Exchange? failed = null;
        string? start = null;
        var count = 0;
        lock (_lock)
        {
            // A read of a connection that the client gave up must not swallow what belongs to the next one.
            if (client != _client || _disposed)
                throw Gone();
            var rest = _aheadBuffer.AsMemory(_aheadOffset, _aheadLength - _aheadOffset);
            if (_phase == Phase.Sending && _aheadOffset == 0 && !BeginsAnswer(rest.Span))
                (failed, start) = (_exchange, Quote(rest.Span));
            count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer);
            _aheadOffset += count;
            _aheadUsed = _aheadLength > 0 && _aheadOffset == _aheadLength;
        }
        if (failed is null)
            return count;
        // Said at once: the client's parser would first wait for the end of a line, which may never come.
        failed.Fail(new CallFailure(CallError.InvalidHttpResponse) { Detail = $"malformed HTTP response \"{start}\"" });
        throw Gone();
    }

    private static bool BeginsAnswer(ReadOnlySpan<byte> bytes)
    {
        var length = Math.Min(bytes.Length, AnswerStart.Length);
        return bytes[..length].SequenceEqual(AnswerStart[..length]);
    }

    private static string Quote(ReadOnlySpan<byte> bytes)
    {
        const int MaxQuoted = 64;
        var line = bytes.IndexOfAny((byte)'\r', (byte)'\n') is var end and >= 0 ? bytes[..end] : bytes;
        var text = Encoding.Latin1.GetString(line[..Math.Min(line.Length, MaxQuoted)]);
        return string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
    }

    private static IOException Gone() => new("The connection to the function is gone.");
}
