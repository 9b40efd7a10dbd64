using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Fn.ServiceDefaults.IO;
using Microsoft.AspNetCore.Http;

namespace Fn.ServiceDefaults.Http;

/// <summary>
/// A request's body on its way to whoever runs the call. Every failure is an <see cref="IOException"/>, a body that ends before its announced length is one
/// too, and so is one that goes over the limit: a part never passes for the whole.
/// </summary>
/// <param name="request">The request; nobody else reads its body.</param>
/// <param name="length">Length in bytes if it was announced.</param>
/// <param name="limit">Most bytes that are passed on; null: no limit.</param>
public sealed class IncomingBody(HttpRequest request, long? length, long? limit = null) : ReadOnlyStream
{
    private readonly Lock _lock = new();
    private long _total;
    private bool _reading;
    private bool _ended;
    private TaskCompletionSource? _readerGone;

    /// <summary>True once the body has gone over its limit.</summary>
    public bool OverLimit { get; private set; }

    /// <summary>True once something came that is no body: the client is there, but cannot be understood.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>
    /// Lets a read that is under way, and every later one, fail; completes when none is under way. Called when the call has its outcome: from then on the
    /// sender may stop wherever it likes, and a reader that was left behind must neither take that place for the end nor reach into the next request.
    /// </summary>
    public Task EndAsync()
    {
        lock (_lock)
        {
            _ended = true;
            if (!_reading)
                return Task.CompletedTask;
            _readerGone ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        request.BodyReader.CancelPendingRead();
        return _readerGone.Task;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BeginRead();
        try
        {
            var count = await ReadAvailableAsync(buffer, cancellationToken);
            Check(count, buffer.Length);
            return count;
        }
        catch (BadHttpRequestException e)
        {
            // The server cuts bodies too, where it was told to.
            if (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
                OverLimit = true;
            else
                IsMalformed = true;
            throw;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // The server tells of an aborted connection this way too.
            throw new IOException("The client left, or the call has ended.", e);
        }
        finally
        {
            FinishRead();
        }
    }

    /// <summary>
    /// Not by the request's stream, and not with a token: both leave a cancelled read open, and the server, which reads the rest of a body so that the
    /// connection can be used again, then breaks the connection instead.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadAvailableAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        var reader = request.BodyReader;
        // Its end waits for a cancelling that is under way: none reaches into a later read.
        await using var cancelling = cancel.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), reader);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var result = await reader.ReadAsync(CancellationToken.None);
            var taken = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, buffer.Length));
            var count = (int)taken.Length;
            taken.CopyTo(buffer.Span);
            reader.AdvanceTo(taken.End);
            if (count > 0 || buffer.IsEmpty || result.IsCompleted)
                return count;
            lock (_lock)
                ThrowIfEnded();
        }
    }

    private void BeginRead()
    {
        lock (_lock)
        {
            ThrowIfEnded();
            _reading = true;
        }
    }

    private void FinishRead()
    {
        lock (_lock)
        {
            _reading = false;
            _readerGone?.TrySetResult();
        }
    }

    private void Check(int count, int asked)
    {
        lock (_lock)
            ThrowIfEnded();
        _total += count;
        if (_total > limit)
        {
            OverLimit = true;
            throw new IOException($"The body is larger than {limit} bytes.");
        }
        if (count == 0 && asked > 0 && _total < length)
            throw new IOException($"The body ended after {_total} of {length} bytes.");
    }

    private void ThrowIfEnded()
    {
        if (_ended)
            throw new IOException("The call has ended; its body is no longer read.");
    }
}
