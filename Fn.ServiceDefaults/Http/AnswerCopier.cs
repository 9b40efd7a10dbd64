using System.Buffers;
using System.IO.Pipelines;
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

    /// <summary>The answer broke off. When nothing has left yet (<see cref="HttpResponse.HasStarted"/>), the failure can still be answered cleanly.</summary>
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

    /// <summary>Copies the answer. Does not dispose it, and does not abort the response.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="response">A response of which nothing has been sent.</param>
    /// <param name="head">Writes the head.</param>
    /// <param name="readerLeft">Cancelled when whoever the answer is for has gone.</param>
    public static async ValueTask<AnswerCopyResult> CopyAsync(RunnerAnswer answer, HttpResponse response, IAnswerHead head, CancellationToken readerLeft)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(head);
        var first = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            if (HasNoBody(answer.Status))
                await DrainAsync(answer, response, head, first, readerLeft);
            else if (await CopyFirstAsync(answer, response, head, first, readerLeft))
                await CopyRestAsync(answer.Body, response.BodyWriter, readerLeft);
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
    private static async ValueTask<bool> CopyFirstAsync(
        RunnerAnswer answer, HttpResponse response, IAnswerHead head, byte[] buffer, CancellationToken readerLeft)
    {
        var first = answer.Body.ReadAsync(buffer, readerLeft);
        var headFirst = !first.IsCompleted && !head.NeedsFirstChunk;
        if (headFirst)
        {
            await StartAsync(response, head, default, answer.ContentLength, readerLeft);
            await FlushAsync(response.BodyWriter, readerLeft);
        }
        var filled = await first;
        var ended = filled == 0;
        while (!ended && filled < buffer.Length)
        {
            var next = answer.Body.ReadAsync(buffer.AsMemory(filled), readerLeft);
            if (!next.IsCompleted)
            {
                await StartAsync(response, head, buffer.AsMemory(0, filled), answer.ContentLength, readerLeft);
                response.BodyWriter.Write(buffer.AsSpan(0, filled));
                await FlushAsync(response.BodyWriter, readerLeft);
                return await WriteNextAsync(response.BodyWriter, buffer.AsMemory(filled), await next, readerLeft);
            }
            var count = await next;
            ended = count == 0;
            filled += count;
        }
        await StartAsync(response, head, buffer.AsMemory(0, filled), ended ? filled : answer.ContentLength, readerLeft);
        response.BodyWriter.Write(buffer.AsSpan(0, filled));
        // At its end the server sends what was written with the head, but not what was written after a flush.
        if (!ended || headFirst)
            await FlushAsync(response.BodyWriter, readerLeft);
        return !ended;
    }

    private static async ValueTask<bool> WriteNextAsync(PipeWriter writer, ReadOnlyMemory<byte> buffer, int count, CancellationToken readerLeft)
    {
        if (count == 0)
            return false;
        writer.Write(buffer.Span[..count]);
        await FlushAsync(writer, readerLeft);
        return true;
    }

    private static async ValueTask CopyRestAsync(Stream body, PipeWriter writer, CancellationToken readerLeft)
    {
        while (true)
        {
            var count = await body.ReadAsync(writer.GetMemory(StraightBuffer), readerLeft);
            if (count == 0)
                return;
            writer.Advance(count);
            await FlushAsync(writer, readerLeft);
        }
    }

    /// <summary>These statuses have no body in HTTP; it is read to its end all the same, because that is what gives the function back.</summary>
    private static async ValueTask DrainAsync(RunnerAnswer answer, HttpResponse response, IAnswerHead head, byte[] buffer, CancellationToken readerLeft)
    {
        while (await answer.Body.ReadAsync(buffer, readerLeft) > 0)
        {
        }
        head.Write(response, default);
    }

    /// <summary>Sends the head, unless that has been done.</summary>
    private static Task StartAsync(HttpResponse response, IAnswerHead head, ReadOnlyMemory<byte> firstChunk, long? contentLength, CancellationToken readerLeft)
    {
        if (response.HasStarted)
            return Task.CompletedTask;
        head.Write(response, firstChunk.Span);
        response.ContentLength = contentLength;
        return response.StartAsync(readerLeft);
    }

    private static async ValueTask FlushAsync(PipeWriter writer, CancellationToken readerLeft)
    {
        var flush = await writer.FlushAsync(readerLeft);
        // The server stops taking bytes a moment before it says that the reader has gone.
        if (flush.IsCompleted)
            throw new OperationCanceledException("The reader left.", readerLeft);
    }

    private static bool HasNoBody(int status) => status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified;
}
