using System.Buffers;
using System.Net;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>A call's body on its way to the function.</summary>
internal sealed class CallContent(CallBody body, Exchange exchange) : HttpContent
{
    private const int CopyBuffer = 32 * 1024;

    /// <summary>Why the client's body could not be read to its end.</summary>
    public CallFailure? SourceFailure { get; private set; }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length ?? 0;
        return body.Length is not null;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!body.IsBuffered && body.Length != 0)
            return CopyAsync(stream, cancellationToken);
        exchange.Handed = true;
        return body.Buffered.IsEmpty ? Task.CompletedTask : stream.WriteAsync(body.Buffered, cancellationToken).AsTask();
    }

    private async Task CopyAsync(Stream target, CancellationToken cancel)
    {
        // The head first: a body is opened once, and while the function has not seen the call, another container may still have it.
        await target.FlushAsync(cancel);
        var source = body.Open();
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBuffer);
        var left = body.Length ?? long.MaxValue;
        while (left > 0)
        {
            var count = await ReadAsync(source, buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), target, cancel);
            if (count == 0 && body.Length is not null)
                throw Broken(new CallFailure(CallError.ClientLeft), inner: null);
            left = count == 0 ? 0 : left - count;
            exchange.Handed = left == 0;
            if (count > 0)
                await target.WriteAsync(buffer.AsMemory(0, count), cancel);
        }
        // Only now: after a failure the client's read may still be going on in the buffer.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private async ValueTask<int> ReadAsync(Stream source, Memory<byte> buffer, Stream target, CancellationToken cancel)
    {
        ValueTask<int> read;
        try
        {
            read = source.ReadAsync(buffer, cancel);
            if (read.IsCompletedSuccessfully)
                return read.Result;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            throw Broken(ClientBody.FailureOf(e), e);
        }
        // The client pauses: what it has sent so far goes on to the function.
        await target.FlushAsync(cancel);
        try
        {
            return await read;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            throw Broken(ClientBody.FailureOf(e), e);
        }
    }

    private IOException Broken(CallFailure failure, Exception? inner)
    {
        SourceFailure = failure;
        return new IOException("The client's body broke off.", inner);
    }
}
