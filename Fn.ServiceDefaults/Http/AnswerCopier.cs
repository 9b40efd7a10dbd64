using System.Buffers;
using Fn.ServiceDefaults.Contracts;
using Microsoft.AspNetCore.Http;

namespace Fn.ServiceDefaults.Http;

/// <summary>How the copying of an answer ended.</summary>
public enum AnswerCopyEnd
{
    /// <summary>All of it was handed to the server.</summary>
    Complete,

    /// <summary>Whoever the answer is for has gone.</summary>
    ReaderLeft,

    /// <summary>The answer broke off. When nothing has left yet (<see cref="IAnswerTarget.HasStarted"/>), the failure can still be answered cleanly.</summary>
    Broken,
}

/// <summary>How the copying of an answer ended; <paramref name="Failure"/> is there exactly when it broke off.</summary>
public readonly record struct AnswerCopyResult(AnswerCopyEnd End, CallFailure? Failure);

/// <summary>Passes a function's answer on: on a runner to the gateway, on a gateway to the client. Holds no more of it than a buffer's worth.</summary>
public static class AnswerCopier
{
    // Most answers fit in the first buffer and leave in one packet with their head. What is longer is read straight into the server's memory.
    private const int FirstBuffer = 8 * 1024;
    private const int StraightBuffer = 32 * 1024;

    /// <summary>Copies the answer to a response of Kestrel's. Does not dispose it, and does not abort the response.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="response">A response of which nothing has been sent.</param>
    /// <param name="head">Writes the head.</param>
    /// <param name="readerLeft">Cancelled when whoever the answer is for has gone.</param>
    public static ValueTask<AnswerCopyResult> CopyAsync(RunnerAnswer answer, HttpResponse response, IAnswerHead head, CancellationToken readerLeft) =>
        CopyAsync(answer, new ResponseTarget(response, head), readerLeft);

    /// <summary>Copies the answer. Does not dispose it.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="target">What it is written to; nothing has been.</param>
    /// <param name="readerLeft">Cancelled when whoever the answer is for has gone.</param>
    public static async ValueTask<AnswerCopyResult> CopyAsync<T>(RunnerAnswer answer, T target, CancellationToken readerLeft)
        where T : IAnswerTarget
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(target);
        var first = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            if (HasNoBody(answer.Status))
                await DrainAsync(answer, target, first, readerLeft);
            else if (await CopyFirstAsync(answer, target, first, readerLeft))
                await CopyRestAsync(answer.Body, target, readerLeft);
            return new AnswerCopyResult(AnswerCopyEnd.Complete, null);
        }
        catch (CallBrokenException e)
        {
            return new AnswerCopyResult(AnswerCopyEnd.Broken, e.Failure);
        }
        catch (OperationCanceledException)
        {
            return new AnswerCopyResult(AnswerCopyEnd.ReaderLeft, null);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(first);
        }
    }

    /// <summary>Copies the head and what is there at once. Returns true when there may be more.</summary>
    private static async ValueTask<bool> CopyFirstAsync<T>(RunnerAnswer answer, T target, byte[] buffer, CancellationToken readerLeft)
        where T : IAnswerTarget
    {
        var first = answer.Body.ReadAsync(buffer, readerLeft);
        var headFirst = !first.IsCompleted && !target.NeedsFirstChunk;
        var filled = headFirst ? await SendWhileReadingAsync(target, default, answer.ContentLength, first.AsTask(), readerLeft) : await first;
        var ended = filled == 0;
        while (!ended && filled < buffer.Length)
        {
            var next = answer.Body.ReadAsync(buffer.AsMemory(filled), readerLeft);
            if (!next.IsCompleted)
            {
                var more = await SendWhileReadingAsync(target, buffer.AsMemory(0, filled), answer.ContentLength, next.AsTask(), readerLeft);
                return await WriteNextAsync(target, buffer.AsMemory(filled), more, readerLeft);
            }
            var count = await next;
            ended = count == 0;
            filled += count;
        }
        await StartAsync(target, buffer.AsMemory(0, filled), ended ? filled : answer.ContentLength, readerLeft);
        target.Write(buffer.AsSpan(0, filled));
        // At its end the server sends what was written with the head, but not what was written after a flush.
        if (!ended || headFirst)
            await target.FlushAsync(readerLeft);
        return !ended;
    }

    /// <summary>
    /// Sends what is there. Returns what came meanwhile of the read that is under way. When sending fails, it is awaited as well: nobody else may read, nor have its
    /// memory, before it is over.
    /// </summary>
    private static async ValueTask<int> SendWhileReadingAsync<T>(T target, ReadOnlyMemory<byte> bytes, long? contentLength, Task<int> read, CancellationToken readerLeft)
        where T : IAnswerTarget
    {
        try
        {
            await StartAsync(target, bytes, contentLength, readerLeft);
            target.Write(bytes.Span);
            await target.FlushAsync(readerLeft);
        }
        catch
        {
            await ((Task)read).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        return await read;
    }

    private static async ValueTask<bool> WriteNextAsync<T>(T target, ReadOnlyMemory<byte> buffer, int count, CancellationToken readerLeft)
        where T : IAnswerTarget
    {
        if (count == 0)
            return false;
        target.Write(buffer.Span[..count]);
        await target.FlushAsync(readerLeft);
        return true;
    }

    private static async ValueTask CopyRestAsync<T>(Stream body, T target, CancellationToken readerLeft)
        where T : IAnswerTarget
    {
        while (true)
        {
            var count = await body.ReadAsync(target.GetMemory(StraightBuffer), readerLeft);
            if (count == 0)
                return;
            target.Advance(count);
            await target.FlushAsync(readerLeft);
        }
    }

    /// <summary>These statuses have no body in HTTP; it is read to its end all the same, because that is what gives the function back.</summary>
    private static async ValueTask DrainAsync<T>(RunnerAnswer answer, T target, byte[] buffer, CancellationToken readerLeft)
        where T : IAnswerTarget
    {
        while (await answer.Body.ReadAsync(buffer, readerLeft) > 0)
        {
        }
        target.WriteHeadOnly();
    }

    /// <summary>Begins the target, unless that has been done.</summary>
    private static Task StartAsync<T>(T target, ReadOnlyMemory<byte> firstChunk, long? contentLength, CancellationToken readerLeft)
        where T : IAnswerTarget =>
        target.HasStarted ? Task.CompletedTask : target.StartAsync(firstChunk, contentLength, readerLeft);

    private static bool HasNoBody(int status) => status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified;
}
