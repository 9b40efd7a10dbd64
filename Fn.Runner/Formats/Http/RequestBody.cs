using System.Buffers;
using System.Globalization;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>Writes a call's body to its function, behind the head that is in the buffer.</summary>
/// <param name="link">The way to the function.</param>
/// <param name="request">The head. Its memory is used for the body as well.</param>
/// <param name="exchange">Is told when the whole body has left its source.</param>
/// <param name="chunked">Whether the body is written in chunks; else its length is known and in the head.</param>
internal readonly struct RequestBody(FunctionLink link, MessageBuffer request, Exchange exchange, bool chunked)
{
    /// <summary>Most bytes of a body that are held at once.</summary>
    private const int Piece = 64 * 1024;

    // The digits of a piece's length at most, and what frames a piece: its length before it, the end of its line and the last chunk behind it.
    private const int SizeDigits = 8;
    private const int Front = SizeDigits + 2;
    private const int Back = 2 + 5;

    private static ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    private static ReadOnlySpan<byte> LastChunk => "0\r\n\r\n"u8;

    /// <summary>Writes head and body. Returns why the client's body could not be read to its end; null: it was.</summary>
    public ValueTask<CallFailure?> WriteAsync(CallBody body, CancellationToken cancel)
    {
        if (!body.IsBuffered && body.Length != 0)
            return CopyAsync(body, cancel);
        exchange.Handed = true;
        var bytes = body.Buffered;
        // What is small goes in one piece; what is larger after its head, so that a function that was gone has seen nothing.
        if (request.Length + Front + bytes.Length + Back > FunctionLink.AtomicWrite)
            return WriteLargeAsync(bytes);
        AddPiece(bytes.Span);
        var write = link.WriteAsync(request.Written);
        return write.IsCompletedSuccessfully ? default : EndAsync(write);
    }

    private static async ValueTask<CallFailure?> EndAsync(ValueTask write)
    {
        await write;
        return null;
    }

    private async ValueTask<CallFailure?> WriteLargeAsync(ReadOnlyMemory<byte> bytes)
    {
        await link.WriteAsync(request.Written);
        request.Clear();
        AddPiece(bytes.Span);
        if (request.Length > 0)
            await link.WriteAsync(request.Written);
        return null;
    }

    private async ValueTask<CallFailure?> CopyAsync(CallBody body, CancellationToken cancel)
    {
        // The head first: a body is opened once, and while the function has not seen the call, another container may still have it.
        await link.WriteAsync(request.Written);
        using var abort = exchange.WatchSource(cancel);
        var source = body.Open();
        var buffer = ArrayPool<byte>.Shared.Rent(Front + Piece + Back);
        var left = body.Length ?? long.MaxValue;
        while (left > 0)
        {
            int count;
            try
            {
                count = await source.ReadAsync(buffer.AsMemory(Front, (int)Math.Min(Piece, left)), abort.Token);
            }
            catch (Exception e) when (!abort.IsCancellationRequested)
            {
                return ClientBody.FailureOf(e);
            }
            if (count == 0 && body.Length is not null)
                return new CallFailure(CallError.ClientLeft);
            left = count == 0 ? 0 : left - count;
            exchange.Handed = left == 0;
            if (Frame(buffer, count, last: left == 0) is { IsEmpty: false } piece)
                await link.WriteAsync(piece);
        }
        // Only now: after a failure the client's read may still be going on in the buffer.
        ArrayPool<byte>.Shared.Return(buffer);
        return null;
    }

    /// <summary>Puts around a piece of the body what frames it, where there is room for that.</summary>
    private Memory<byte> Frame(byte[] buffer, int count, bool last)
    {
        var (start, end) = (Front, Front + count);
        if (!chunked)
            return buffer.AsMemory(start, count);
        if (count > 0)
        {
            Span<byte> digits = stackalloc byte[SizeDigits];
            count.TryFormat(digits, out var written, "x", CultureInfo.InvariantCulture);
            start -= written + LineEnd.Length;
            digits[..written].CopyTo(buffer.AsSpan(start));
            LineEnd.CopyTo(buffer.AsSpan(start + written));
            LineEnd.CopyTo(buffer.AsSpan(end));
            end += LineEnd.Length;
        }
        if (last)
        {
            LastChunk.CopyTo(buffer.AsSpan(end));
            end += LastChunk.Length;
        }
        return buffer.AsMemory(start, end - start);
    }

    private void AddPiece(ReadOnlySpan<byte> bytes)
    {
        if (!chunked)
        {
            request.Append(bytes);
            return;
        }
        if (!bytes.IsEmpty)
        {
            bytes.Length.TryFormat(request.Reserve(SizeDigits), out var digits, "x", CultureInfo.InvariantCulture);
            request.Advance(digits);
            request.Append(LineEnd);
            request.Append(bytes);
            request.Append(LineEnd);
        }
        request.Append(LastChunk);
    }
}
