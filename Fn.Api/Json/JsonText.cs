using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fn.Api.Json;

/// <summary>JSON text in the small: names, strings that are no UTF-8, compact values.</summary>
internal static class JsonText
{
    /// <summary>A field name in lower case, by the folding Go matches names with: ASCII, the long s and the Kelvin sign.</summary>
    public static string FoldName(string name) => string.Create(name.Length, name, static (folded, source) =>
    {
        for (var i = 0; i < folded.Length; i++)
        {
            folded[i] = source[i] switch
            {
                '\u017F' => 's',
                '\u212A' => 'k',
                var c when char.IsAsciiLetterUpper(c) => (char)(c | 0x20),
                var c => c,
            };
        }
    });

    /// <summary>
    /// A JSON value without the white space around its tokens, its keys in the order sent. The escapes that every answer writes anyway (<c>\u003c</c> and
    /// the like) are kept as the characters themselves, so a value that a client sends back as it got it is the value it was.
    /// </summary>
    /// <param name="json">A well-formed value.</param>
    public static string Compact(ReadOnlySpan<byte> json)
    {
        var compact = new ArrayBufferWriter<byte>(json.Length);
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            var c = json[i];
            if (c == '"')
            {
                inString = !inString;
            }
            else if (inString && c == '\\')
            {
                i += WriteEscape(json[i..], compact) - 1;
                continue;
            }
            else if (!inString && c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                continue;
            }
            compact.Write([c]);
        }
        return Encoding.UTF8.GetString(compact.WrittenSpan);
    }

    /// <summary>A JSON string's text where it is no valid UTF-8 or holds half of a surrogate pair: those become U+FFFD.</summary>
    /// <param name="raw">The well-formed string without its quotes, escapes as sent.</param>
    public static string Repair(ReadOnlySpan<byte> raw)
    {
        var source = Encoding.UTF8.GetString(raw);
        var text = new StringBuilder(source.Length);
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] != '\\')
            {
                text.Append(source[i]);
                continue;
            }
            i++;
            if (source[i] == 'u')
            {
                text.Append((char)ushort.Parse(source.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
                continue;
            }
            text.Append(source[i] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var c => c });
        }
        // Encoding puts U+FFFD where a surrogate has no partner.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static int WriteEscape(ReadOnlySpan<byte> escape, ArrayBufferWriter<byte> compact)
    {
        if (escape[1] != 'u')
        {
            compact.Write(escape[..2]);
            return 2;
        }
        var code = ushort.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (code is '<' or '>' or '&' or 0x2028 or 0x2029)
            compact.Write(Encoding.UTF8.GetBytes([(char)code]));
        else
            compact.Write(escape[..6]);
        return 6;
    }
}
