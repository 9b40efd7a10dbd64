using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.IO;

namespace Fn.Runner.Formats.Http;

/// <summary>The body of a function's answer. Read to its end, it gives the link back for the next exchange; disposed before that, it ends it.</summary>
internal sealed class AnswerBody : ReadOnlyStream
{
    /// <summary>How long after its output a process may end: its exit code says whether an answer without a length is whole.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly FunctionLink _link;
    private readonly AnswerHead _head;
    private readonly AnswerLimits _limits;
    private readonly ChunkReader? _chunks;
    private readonly Action _ended;
    private readonly CancellationToken _cancel;
    private readonly CancellationTokenRegistration _cancelled;
    private long _read;
    private bool _over;

    /// <param name="link">Where it comes from.</param>
    /// <param name="head">The answer's head.</param>
    /// <param name="limits">What it may be.</param>
    /// <param name="ended">Called when it was read to its end.</param>
    /// <param name="cancelled">What ends the link when <paramref name="cancel"/> is cancelled; no longer, once the body is over.</param>
    /// <param name="cancel">Ends the exchange.</param>
    public AnswerBody(FunctionLink link, AnswerHead head, AnswerLimits limits, Action ended, CancellationTokenRegistration cancelled, CancellationToken cancel)
    {
        (_link, _head, _limits, _ended, _cancelled, _cancel) = (link, head, limits, ended, cancelled, cancel);
        if (head.Frame.Length == 0)
            EndExchange();
        else if (head.Frame is { Length: null, IsDelimited: true })
            _chunks = new ChunkReader(link);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_over || buffer.IsEmpty)
            return ValueTask.FromResult(0);
        if (_head.Frame.Length is not { } length)
            return ReadOnAsync(buffer, cancellationToken);
        try
        {
            var read = _link.ReadAsync(buffer[..(int)Math.Min(buffer.Length, length - _read)]);
#pragma warning disable VSTHRD103 // It is done.
            return read.IsCompletedSuccessfully ? Take(read.Result) : AwaitAsync(read, cancellationToken);
#pragma warning restore VSTHRD103
        }
        catch (Exception e)
        {
            throw Broken(e, cancellationToken);
        }
    }

    public override ValueTask DisposeAsync()
    {
        EndBroken();
        return base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            EndBroken();
        base.Dispose(disposing);
    }

    private async ValueTask<int> AwaitAsync(ValueTask<int> read, CancellationToken cancel)
    {
        int count;
        using var left = EndWhen(cancel);
        try
        {
            count = await read;
        }
        catch (Exception e)
        {
            throw Broken(e, cancel);
        }
        return await Take(count);
    }

    /// <summary>Of a known length.</summary>
    private ValueTask<int> Take(int count)
    {
        if (count == 0)
            throw Broken(CallError.AnswerCutShort);
        _read += count;
        if (_read == _head.Frame.Length)
            EndExchange();
        return ValueTask.FromResult(count);
    }

    /// <summary>Of a length that only its end tells.</summary>
    private async ValueTask<int> ReadOnAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        int? read;
        using var left = EndWhen(cancel);
        try
        {
            read = _chunks is null ? await _link.ReadAsync(buffer) : await _chunks.ReadAsync(buffer);
        }
        catch (Exception e)
        {
            throw Broken(e, cancel);
        }
        if (read is not { } count)
            throw Broken(CallError.AnswerBroken);
        if (count == 0)
        {
            await EndOfStreamAsync(cancel);
            EndExchange();
            return 0;
        }
        _read += count;
        if (_read > _limits.MaxSize)
            throw Broken(CallError.AnswerTooLarge);
        return count;
    }

    /// <summary>An answer that ends with its stream is whole only if the process that wrote it ended well; else it would be a whole-looking wrong one.</summary>
    private async ValueTask EndOfStreamAsync(CancellationToken cancel)
    {
        if (_head.Frame.IsDelimited || _limits.Ended is not { } ended)
            return;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_cancel, cancel);
        await Task.WhenAny(ended, Task.Delay(Moment, _limits.Time, both.Token));
        if (both.IsCancellationRequested)
        {
            EndBroken();
            both.Token.ThrowIfCancellationRequested();
        }
        if (ended.IsCompletedSuccessfully && ended.Result.Code != 0)
            throw Broken(CallError.AnswerBroken);
    }

    /// <summary>What is read cannot be left half read: a reader that leaves ends the link.</summary>
    private CancellationTokenRegistration EndWhen(CancellationToken left) => left.UnsafeRegister(static link => ((FunctionLink)link!).Dispose(), _link);

    private CallBrokenException Broken(CallError error)
    {
        EndBroken();
        _cancel.ThrowIfCancellationRequested();
        return new CallBrokenException(new CallFailure(error));
    }

    private CallBrokenException Broken(Exception e, CancellationToken cancel)
    {
        EndBroken();
        _cancel.ThrowIfCancellationRequested();
        cancel.ThrowIfCancellationRequested();
        // A function that ends with something unread of its request resets its connection; to whoever reads the answer it is the same as an end.
        return new CallBrokenException(new CallFailure(e is IOException && _head.Frame.Length is not null ? CallError.AnswerCutShort : CallError.AnswerBroken), e);
    }

    private void EndExchange()
    {
        _over = true;
        _cancelled.Unregister();
        // What was cancelled by now ends the link a moment later, whoever has it then.
        if (_head.Closes || !_head.Frame.IsDelimited || _cancel.IsCancellationRequested)
            _link.Dispose();
        else
            _link.EndExchange();
        _ended();
    }

    private void EndBroken()
    {
        if (_over)
            return;
        _over = true;
        _cancelled.Unregister();
        _link.Dispose();
    }
}

/// <summary>What an answer may be.</summary>
/// <param name="MaxSize">Largest body in bytes; null: no limit.</param>
/// <param name="MaxHeadSize">Largest head in bytes.</param>
/// <param name="Time">The clock.</param>
/// <param name="Ended">The end of the process whose output ends with it; null when the stream is not the process's own.</param>
internal sealed record AnswerLimits(long? MaxSize, long MaxHeadSize, TimeProvider Time, Task<ContainerExit>? Ended);
