using System.Globalization;

namespace Fn.Runner.Formats.Http;

/// <summary>Reads a body that comes in chunks. Trailers are read and dropped.</summary>
/// <param name="link">Where they come from.</param>
internal sealed class ChunkReader(FunctionLink link)
{
    /// <summary>Most lines of trailers.</summary>
    private const int MaxTrailers = 100;

    // More would not be a length.
    private const int MaxDigits = 15;

    private long _left;
    private bool _begun;

    /// <summary>Reads what is next of the body; 0: it has come to its end; null: what has come is no chunk.</summary>
    public async ValueTask<int?> ReadAsync(Memory<byte> target)
    {
        if (_left == 0)
        {
            if (_begun && await link.ReadLineAsync() is not { IsEmpty: true })
                return null;
            if (await link.ReadLineAsync() is not { } line || SizeOf(line.Span) is not { } size)
                return null;
            (_begun, _left) = (true, size);
            if (size == 0)
                return await TrailersAreOverAsync() ? 0 : null;
        }
        var count = await link.ReadAsync(target[..(int)Math.Min(target.Length, _left)]);
        _left -= count;
        return count == 0 ? null : count;
    }

    private async ValueTask<bool> TrailersAreOverAsync()
    {
        for (var i = 0; i < MaxTrailers; i++)
        {
            if (await link.ReadLineAsync() is not { } line)
                return false;
            if (line.IsEmpty)
                return true;
            if (!FieldLine.TrySplit(line.Span, out _, out _))
                return false;
        }
        return false;
    }

    /// <summary>A chunk's length; what may stand behind it says nothing to anybody here.</summary>
    private static long? SizeOf(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOfAny((byte)';', (byte)' ', (byte)'\t');
        if (end >= 0 && line[end..].TrimStart(" \t"u8) is { IsEmpty: false } rest && rest[0] != ';')
            return null;
        var digits = (end < 0 ? line : line[..end]).TrimStart((byte)'0');
        if (digits.Length > MaxDigits || (digits.IsEmpty && (line.IsEmpty || line[0] != '0')))
            return null;
        return digits.IsEmpty ? 0 : long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) ? size : null;
    }
}
