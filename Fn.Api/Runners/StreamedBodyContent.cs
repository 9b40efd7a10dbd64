using System.Buffers;
using System.Net;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Runners;

/// <summary>
/// A body that follows its offer once the runner asks for it, chunk by chunk as the client sends it. Ends, as if whole, when the runner answers before it
/// has all of it: the answer could not be received otherwise, and a runner that has answered reads no body.
/// </summary>
internal sealed class StreamedBodyContent(CallBody body, OfferExchange exchange) : HttpContent
{
    private const int BufferSize = 64 * 1024;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The client calls this from within its reading of the answer, which has to go on meanwhile.
        await Task.Yield();
        if (exchange.AnswerBegun)
            return;
        exchange.BodyOpened = true;
        var source = body.Open();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        while (true)
        {
            var read = source.ReadAsync(buffer, exchange.StopBody);
            // What was read goes out before the client is waited for.
            if (!read.IsCompleted)
                await stream.FlushAsync(cancellationToken);
            var count = await ReadAsync(read);
            if (count == 0)
                break;
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
        // Not given back after a failure: the client's bytes may still be on their way into it.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private async ValueTask<int> ReadAsync(ValueTask<int> read)
    {
        try
        {
            return await read;
        }
        catch (OperationCanceledException) when (exchange.StopBody.IsCancellationRequested)
        {
            return exchange.AnswerBegun ? 0 : throw new IOException("The connection to the runner ended.");
        }
        catch (Exception e)
        {
            exchange.BodyFailure = e;
            throw;
        }
    }
}
