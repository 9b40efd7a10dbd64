using System.Globalization;

namespace Fn.ServiceDefaults.Configuration;

/// <summary>Reads and writes time spans as settings give them: <c>500ms</c>, <c>120s</c>, <c>2m</c>, <c>1h</c>, <c>hh:mm:ss</c>; a bare number is seconds.</summary>
public static class DurationText
{
    private static readonly (string Suffix, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
    ];

    private static readonly string[] Clocks = ["h\\:mm\\:ss", "hh\\:mm\\:ss", "h\\:mm\\:ss\\.FFFFFFF", "hh\\:mm\\:ss\\.FFFFFFF"];

    public static bool TryParse(string text, out TimeSpan value)
    {
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParseExact(text, Clocks, CultureInfo.InvariantCulture, out value);
        var (number, ticks) = QuantityText.SplitUnit(text, Units, TimeSpan.TicksPerSecond);
        var parsed = QuantityText.TryScale(number, ticks, out var total);
        value = new TimeSpan(total);
        return parsed;
    }

    /// <summary>The shortest form a person would write: whole hours, then whole minutes above two, then seconds, then milliseconds.</summary>
    public static string Format(TimeSpan value) => value switch
    {
        { Ticks: 0 } => "0s",
        { TotalHours: var hours } when hours == Math.Floor(hours) => string.Create(CultureInfo.InvariantCulture, $"{hours}h"),
        { TotalMinutes: > 2 and var minutes } when minutes == Math.Floor(minutes) => string.Create(CultureInfo.InvariantCulture, $"{minutes}m"),
        { TotalSeconds: var seconds } when seconds == Math.Floor(seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds}ms"),
    };
}
