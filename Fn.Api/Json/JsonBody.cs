using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Fn.Api.Json;

/// <summary>
/// Reads the first JSON value of a request's body, whatever its Content-Type. Like Go's decoder it stops there: what follows is not looked at, nor
/// waited for.
/// </summary>
internal static class JsonBody
{
    /// <summary>The object read; null when the body does not begin with a JSON object (or null) whose known fields have the right types.</summary>
    public static async ValueTask<T?> ReadAsync<T>(HttpRequest request) where T : class, IJsonInput, new()
    {
        try
        {
            return Parse<T>(await ReadFirstValueAsync(request.BodyReader, request.HttpContext.RequestAborted));
        }
        catch (JsonException)
        {
            return null;
        }
        catch (BadHttpRequestException)
        {
            // Chunks that are none, or more of them than the size limit lets through: to a JSON reader the value breaks off.
            return null;
        }
    }

    /// <summary>Reads one JSON value. Throws <see cref="JsonException"/> when it does not fit.</summary>
    public static T Parse<T>(ReadOnlySpan<byte> json) where T : class, IJsonInput, new()
    {
        var input = new T();
        var reader = new JsonValueReader(json);
        if (!reader.EnterObject())
            return input;
        while (reader.NextField(out var name))
            input.ReadField(JsonText.FoldName(name), ref reader);
        return input;
    }

    private static async ValueTask<byte[]> ReadFirstValueAsync(PipeReader body, CancellationToken cancel)
    {
        var scan = new FirstValueScan();
        while (true)
        {
            var read = await body.ReadAsync(cancel);
            // Not left open, not even when it is no JSON: the server has to read past the rest of the request.
            var consumed = read.Buffer.Start;
            try
            {
                if (scan.TryFindEnd(read.Buffer, read.IsCompleted, out var length))
                {
                    consumed = read.Buffer.GetPosition(length);
                    return read.Buffer.Slice(0, length).ToArray();
                }
            }
            finally
            {
                body.AdvanceTo(consumed, read.Buffer.End);
            }
        }
    }

    /// <summary>Finds the end of the first value over buffers that grow; each byte is scanned once.</summary>
    private sealed class FirstValueScan
    {
        private JsonReaderState _state = new(JsonValueReader.Options);
        private long _scanned;

        public bool TryFindEnd(ReadOnlySequence<byte> buffer, bool isFinal, out long length)
        {
            var reader = new Utf8JsonReader(buffer.Slice(_scanned), isFinal, _state);
            while (reader.Read())
            {
                if (reader.CurrentDepth == 0 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
                {
                    length = _scanned + reader.BytesConsumed;
                    return true;
                }
            }
            _state = reader.CurrentState;
            _scanned += reader.BytesConsumed;
            length = 0;
            return false;
        }
    }
}
