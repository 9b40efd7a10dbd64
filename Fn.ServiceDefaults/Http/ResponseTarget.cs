using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Fn.ServiceDefaults.Http;

/// <summary>A response of Kestrel's as the target of an answer.</summary>
internal readonly struct ResponseTarget(HttpResponse response, IAnswerHead head) : IAnswerTarget
{
    public bool NeedsFirstChunk => head.NeedsFirstChunk;

    public bool HasStarted => response.HasStarted;

    public Task StartAsync(ReadOnlyMemory<byte> firstChunk, long? contentLength, CancellationToken readerLeft)
    {
        head.Write(response, firstChunk.Span);
        response.ContentLength = contentLength;
        return response.StartAsync(readerLeft);
    }

    public void WriteHeadOnly() => head.Write(response, default);

    public void Write(ReadOnlySpan<byte> bytes) => response.BodyWriter.Write(bytes);

    public Memory<byte> GetMemory(int size) => response.BodyWriter.GetMemory(size);

    public void Advance(int count) => response.BodyWriter.Advance(count);

    public ValueTask FlushAsync(CancellationToken readerLeft)
    {
        var flush = response.BodyWriter.FlushAsync(readerLeft);
#pragma warning disable VSTHRD103 // It is done.
        return flush.IsCompletedSuccessfully ? Check(flush.Result.IsCompleted, readerLeft) : AwaitAsync(flush, readerLeft);
#pragma warning restore VSTHRD103
    }

    private static async ValueTask AwaitAsync(ValueTask<FlushResult> flush, CancellationToken readerLeft) =>
        await Check((await flush).IsCompleted, readerLeft);

    // The server stops taking bytes a moment before it says that the reader has gone.
    private static ValueTask Check(bool completed, CancellationToken readerLeft) =>
        completed ? throw new OperationCanceledException("The reader left.", readerLeft) : ValueTask.CompletedTask;
}
