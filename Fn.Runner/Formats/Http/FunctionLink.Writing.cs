namespace Fn.Runner.Formats.Http;

/// <summary>What is said to the function.</summary>
internal sealed partial class FunctionLink
{
    /// <summary>What the kernel writes to a pipe as a whole or not at all, in bytes.</summary>
    public const int AtomicWrite = 4096;

    /// <summary>Writes a piece of the request. Throws <see cref="IOException"/> when the function does not take it; the exchange then knows more.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> piece)
    {
        var exchange = BeginWrite(out var first);
        // A first piece of this size was not written even in part if it was not written, so the function has seen nothing of the call.
        var unseen = _wholeRequests || (first && piece.Length <= AtomicWrite);
        try
        {
            var write = _input.WriteAsync(piece, _closed);
            if (!write.IsCompleted)
                return new ValueTask(WriteSlowlyAsync(exchange, write.AsTask(), unseen));
#pragma warning disable VSTHRD103 // It is done.
            write.GetAwaiter().GetResult();
#pragma warning restore VSTHRD103
        }
        catch (Exception e) when (OutstandingRead.IsEnd(e))
        {
            throw WriteFailed(exchange, unseen, e);
        }
        EndWrite();
        return ValueTask.CompletedTask;
    }

    private async Task WriteSlowlyAsync(Exchange exchange, Task write, bool unseen)
    {
        lock (_lock)
        {
            _write = write;
            // The answer may have come between two writes: then nobody has set the timer yet.
            if (_phase == Phase.Sending && _heard && _end > 0)
                ArmGraceLocked();
        }
        try
        {
            await write;
        }
        catch (Exception e) when (OutstandingRead.IsEnd(e))
        {
            throw WriteFailed(exchange, unseen, e);
        }
        EndWrite();
    }

    private Exchange BeginWrite(out bool first)
    {
        lock (_lock)
        {
            if (_phase != Phase.Sending || _exchange is not { } exchange)
                throw Gone();
            first = !exchange.Seen;
            if (first && _heard)
            {
                exchange.Lost = true;
                throw Gone();
            }
            exchange.Seen = true;
            return exchange;
        }
    }

    private void EndWrite()
    {
        lock (_lock)
            _write = null;
    }

    private IOException WriteFailed(Exchange exchange, bool unseen, Exception e)
    {
        lock (_lock)
        {
            _write = null;
            exchange.WriteFailed = true;
            if (unseen && !_closed.IsCancellationRequested)
                (exchange.Seen, exchange.Lost) = (false, true);
        }
        return new IOException("The function closed its input.", e);
    }
}
