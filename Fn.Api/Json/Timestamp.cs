using System.Globalization;

namespace Fn.Api.Json;

/// <summary>Instants as the API writes them: RFC 3339 in UTC with exactly three fraction digits.</summary>
internal static class Timestamp
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK"];

    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Now, no finer than an answer shows it, so that what was answered and what is read again are equal.</summary>
    public static DateTimeOffset Now(TimeProvider time) => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Reads RFC 3339 with any number of fraction digits.</summary>
    /// <param name="text">What was sent. The empty string means "not given" too.</param>
    /// <param name="time">Null for the zero time of Go, which stands for "not given".</param>
    public static bool TryParse(string text, out DateTimeOffset? time)
    {
        time = null;
        if (text.Length == 0)
            return true;
        if (!HasZone(text) || !DateTimeOffset.TryParseExact(WithoutFinerThanTicks(text), Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var value))
            return false;
        time = value == DateTimeOffset.MinValue ? null : value;
        return true;
    }

    private static bool HasZone(string text) => text[^1] == 'Z' || (text.Length > 6 && text[^6] is '+' or '-');

    private static string WithoutFinerThanTicks(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
            return text;
        var end = dot + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end - dot - 1 > 7 ? string.Concat(text.AsSpan(0, dot + 8), text.AsSpan(end)) : text;
    }
}
