using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>The body of a function's answer. Read to its end, it gives the link back for the next exchange; disposed before that, it ends it.</summary>
internal sealed class AnswerBody : Stream
{
    /// <summary>How long after its output a process may end: its exit code says whether an answer without a length is whole.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly FunctionLink _link;
    private readonly HttpResponseMessage _response;
    private readonly Stream _inner;
    private readonly AnswerFrame _frame;
    private readonly AnswerLimits _limits;
    private readonly Action _ended;
    private readonly CancellationToken _cancel;
    private readonly CancellationTokenRegistration _cancelled;
    private long _read;
    private bool _over;

    /// <param name="link">Where it comes from.</param>
    /// <param name="response">The answer.</param>
    /// <param name="inner">Its body as the client gives it.</param>
    /// <param name="frame">How its end is known.</param>
    /// <param name="limits">What it may be.</param>
    /// <param name="ended">Called when it was read to its end.</param>
    /// <param name="cancel">Ends the exchange.</param>
    public AnswerBody(
        FunctionLink link, HttpResponseMessage response, Stream inner, AnswerFrame frame, AnswerLimits limits, Action ended, CancellationToken cancel)
    {
        (_link, _response, _inner, _frame, _limits, _ended, _cancel) = (link, response, inner, frame, limits, ended, cancel);
        if (frame.Length == 0)
            EndExchange();
        else
            _cancelled = cancel.UnsafeRegister(static link => ((FunctionLink)link!).Dispose(), link);
    }

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_over || buffer.IsEmpty)
            return 0;
        int count;
        try
        {
            count = await _inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e)
        {
            EndBroken();
            _cancel.ThrowIfCancellationRequested();
            cancellationToken.ThrowIfCancellationRequested();
            throw new CallBrokenException(FailureOf(e), e);
        }
        if (count == 0)
            await EndOfStreamAsync(cancellationToken);
        _read += count;
        if (_read > _limits.MaxSize)
        {
            EndBroken();
            throw new CallBrokenException(new CallFailure(CallError.AnswerTooLarge));
        }
        if (count == 0 || _read == _frame.Length)
            EndExchange();
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            EndBroken();
            _response.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>An answer that ends with its stream is whole only if the process that wrote it ended well; else it would be a whole-looking wrong one.</summary>
    private async ValueTask EndOfStreamAsync(CancellationToken cancel)
    {
        if (_frame.IsDelimited || _limits.Ended is not { } ended)
            return;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_cancel, cancel);
        await Task.WhenAny(ended, Task.Delay(Moment, _limits.Time, both.Token));
        if (both.IsCancellationRequested)
        {
            EndBroken();
            both.Token.ThrowIfCancellationRequested();
        }
        if (ended.IsCompletedSuccessfully && ended.Result.Code != 0)
        {
            EndBroken();
            throw new CallBrokenException(new CallFailure(CallError.AnswerBroken));
        }
    }

    private CallFailure FailureOf(Exception e) =>
        new(e is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } && _frame.Length is not null ? CallError.AnswerCutShort : CallError.AnswerBroken);

    private void EndExchange()
    {
        _over = true;
        _cancelled.Unregister();
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

/// <summary>How the end of an answer's body is known: by its length, by chunks, or, when not delimited, by the end of the stream.</summary>
internal readonly record struct AnswerFrame(long? Length, bool IsDelimited);

/// <summary>What an answer may be.</summary>
/// <param name="MaxSize">Largest body in bytes; null: no limit.</param>
/// <param name="Time">The clock.</param>
/// <param name="Ended">The end of the process whose output ends with it; null when the stream is not the process's own.</param>
internal sealed record AnswerLimits(long? MaxSize, TimeProvider Time, Task<ContainerExit>? Ended);
