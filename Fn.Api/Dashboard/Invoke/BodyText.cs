using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Fn.Api.Dashboard.Invoke;

/// <summary>Bytes as people read them.</summary>
internal static class BodyText
{
    private const int BytesInLine = 16;

    /// <summary>More than this is not looked through in hex.</summary>
    private const int MostHex = 16 * 1024;

    private static readonly SearchValues<byte> ControlBytes = SearchValues.Create("\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000e\u000f\u001b"u8);

    /// <summary>Whether it reads as text: UTF-8, but for a character that was cut at its end, without control characters other than white space.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes)
    {
        const int longestCut = 3;
        for (var cut = 0; cut <= Math.Min(longestCut, bytes.Length); cut++)
        {
            if (Utf8.IsValid(bytes[..^cut]))
                return !bytes.ContainsAny(ControlBytes);
        }
        return false;
    }

    public static string Read(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>Offset, bytes, and what of them can be printed, sixteen a line.</summary>
    public static string Hex(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (var at = 0; at < Math.Min(bytes.Length, MostHex); at += BytesInLine)
        {
            var line = bytes[at..Math.Min(at + BytesInLine, bytes.Length)];
            text.Append(CultureInfo.InvariantCulture, $"{at:x6}  ");
            for (var i = 0; i < BytesInLine; i++)
                text.Append(i < line.Length ? line[i].ToString("x2", CultureInfo.InvariantCulture) : "  ").Append(' ');
            text.Append(' ');
            foreach (var one in line)
                text.Append(one is >= 0x20 and < 0x7f ? (char)one : '·');
            text.Append('\n');
        }
        return bytes.Length > MostHex ? text.Append("…\n").ToString() : text.ToString();
    }
}
