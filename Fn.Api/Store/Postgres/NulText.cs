using System.Text;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Fn.Api.Store.Postgres;

/// <summary>
/// Text may hold U+0000, which PostgreSQL refuses. It is kept as U+0001 and a digit, and U+0001 too: different texts stay different, and in the order of
/// their bytes.
/// </summary>
internal sealed class NulText() : ValueConverter<string, string>(text => Escape(text), text => Unescape(text))
{
    public static string Escape(string text) => text.AsSpan().IndexOfAnyInRange('\0', '\u0001') < 0
        ? text
        : text.Replace("\u0001", "\u00011", StringComparison.Ordinal).Replace("\0", "\u00010", StringComparison.Ordinal);

    public static string Unescape(string text)
    {
        if (!text.Contains('\u0001', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
            plain.Append(text[i] != '\u0001' ? text[i] : text[++i] == '0' ? '\0' : '\u0001');
        return plain.ToString();
    }
}
