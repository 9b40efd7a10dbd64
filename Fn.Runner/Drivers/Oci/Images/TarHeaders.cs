using System.Globalization;
using System.Text;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>
/// Lies below a reader of tar archives and refuses what it would otherwise take into memory as a whole: what stands before an entry (a long name, extended
/// attributes) is a member with a size of its own, which a few bytes can claim to be anything, and compression makes cheap to send.
/// </summary>
/// <remarks>
/// Between two entries the reader takes headers alone, from block to block, and each is looked at as it passes. Whoever uses the reader has to read an entry's
/// content to its end before the next entry: the reader may go by another size than that of the header.
/// </remarks>
internal sealed class TarHeaders(Stream archive) : ForwardStream
{
    /// <summary>Largest member that says something about the next one.</summary>
    public const int MaxAttributes = 1024 * 1024;

    private const int Block = 512;
    private const int SizeField = 124;
    private const int SizeLength = 12;
    private const int TypeField = 156;

    private readonly byte[] _header = new byte[Block];
    private long _position;

    /// <summary>Where the next header begins; null: within an entry, and no header is expected.</summary>
    private long? _headerAt;

    public override bool CanSeek => archive.CanSeek;

    public override long Length => archive.Length;

    public override long Position
    {
        get => _position;
        set
        {
            archive.Position = _position = value;
            // Over content or padding, to where the next header is.
            if (_headerAt is not null)
                _headerAt = Aligned(value);
        }
    }

    /// <summary>To be called before the reader is asked for the next entry.</summary>
    public void Expect() => _headerAt = Aligned(_position);

    public override int Read(Span<byte> buffer)
    {
        var count = archive.Read(buffer);
        Look(buffer[..count]);
        _position += count;
        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => _position,
        _ => Length,
    };

    private void Look(ReadOnlySpan<byte> passing)
    {
        // The reader may ask for a header in parts.
        for (var i = 0; i < passing.Length && _headerAt is { } start; i++)
        {
            var at = _position + i - start;
            if (at < 0)
                continue;
            _header[at] = passing[i];
            if (at == Block - 1)
                _headerAt = _header[TypeField] is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K' ? Aligned(start + Block + SizeOfAttributes()) : null;
        }
    }

    private long SizeOfAttributes()
    {
        var text = Encoding.Latin1.GetString(_header, SizeField, SizeLength).Trim('\0', ' ');
        long size = 0;
        foreach (var digit in text)
        {
            // Other notations are for what is larger than eleven octal digits can say.
            if (digit is < '0' or > '7')
                throw new InvalidDataException("attributes of an entry have no size that can be read");
            size = size * 8 + (digit - '0');
        }
        return size <= MaxAttributes
            ? size
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"the name or the attributes of an entry take {size} bytes, more than {MaxAttributes}"));
    }

    private static long Aligned(long position) => (position + Block - 1) / Block * Block;
}
