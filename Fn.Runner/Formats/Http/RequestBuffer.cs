using System.Buffers;
using System.Text;

namespace Fn.Runner.Formats.Http;

/// <summary>The bytes of a request before they are written, in memory that is borrowed until <see cref="Return"/>. Not thread-safe.</summary>
internal sealed class RequestBuffer
{
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

    /// <summary>Room for at least so many more bytes; what is used of it is counted by <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + count, FunctionLink.AtomicWrite));
            Written.Span.CopyTo(larger);
            Lend();
            _bytes = larger;
        }
        return _bytes.AsSpan(Length);
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
