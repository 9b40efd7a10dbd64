using System.Buffers;
using System.Globalization;
using System.Text;
using Fn.ServiceDefaults.Http;

namespace Fn.Runner.Formats.Http;

/// <summary>The bytes of a request or an answer before they are written, in memory that is borrowed until <see cref="Return"/>. Not thread-safe.</summary>
internal sealed class MessageBuffer
{
    // What would end a line before its end.
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n\0");

    private byte[] _bytes = [];

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Appends text; what is not Latin-1 becomes a question mark.</summary>
    public void Append(ReadOnlySpan<char> text) => Length += Encoding.Latin1.GetBytes(text, Reserve(text.Length));

    public void Append(long number)
    {
        number.TryFormat(Reserve(20), out var written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    /// <summary>Appends a line of a head. One that could be read as more than one, or as none, is left out.</summary>
    public void AppendField(string name, string value)
    {
        if (!HeaderRules.IsName(name) || value.AsSpan().ContainsAny(LineEnds))
            return;
        Append(name);
        Append(": "u8);
        Append(value);
        Append("\r\n"u8);
    }

    /// <summary>Ends a head.</summary>
    /// <param name="length">Of the body that follows, in bytes; null: it follows in chunks.</param>
    public void AppendEnd(long? length)
    {
        if (length is { } bytes)
        {
            Append("Content-Length: "u8);
            Append(bytes);
            Append("\r\n\r\n"u8);
        }
        else
            Append("Transfer-Encoding: chunked\r\n\r\n"u8);
    }

    /// <summary>Room for at least so many more bytes; what is used of it is counted by <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int count) => ReserveMemory(count).Span;

    /// <inheritdoc cref="Reserve"/>
    public Memory<byte> ReserveMemory(int count)
    {
        if (_bytes.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + count, FunctionLink.AtomicWrite));
            Written.Span.CopyTo(larger);
            Lend();
            _bytes = larger;
        }
        return _bytes.AsMemory(Length);
    }

    public void Advance(int count) => Length += count;

    /// <summary>Begins anew, with the same memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>Gives the memory back; there is nothing in the buffer afterwards.</summary>
    public void Return()
    {
        Lend();
        (_bytes, Length) = ([], 0);
    }

    private void Lend()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
    }
}
