using System.Buffers;
using System.Text;

namespace Fn.Runner.Formats.Http;

/// <summary>A line of a head or of trailers.</summary>
internal static class FieldLine
{
    // RFC 9110, 5.6.2.
    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Whether it is a field, and of what.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var colon = line.IndexOf((byte)':');
        name = value = default;
        if (colon <= 0 || line[..colon].ContainsAnyExcept(NameBytes) || line[colon..].ContainsAny((byte)'\r', (byte)'\0'))
            return false;
        name = line[..colon];
        value = line[(colon + 1)..].Trim(" \t"u8);
        return true;
    }

    /// <summary>What somebody wrote, for a message: its first line, printable, cut.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        const int MaxQuoted = 64;
        var line = bytes.IndexOfAny((byte)'\r', (byte)'\n') is var end and >= 0 ? bytes[..end] : bytes;
        var text = Encoding.Latin1.GetString(line[..Math.Min(line.Length, MaxQuoted)]);
        return string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
    }
}
