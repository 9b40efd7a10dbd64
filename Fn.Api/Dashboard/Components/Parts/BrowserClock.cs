using System.Globalization;

namespace Fn.Api.Dashboard.Components.Parts;

/// <summary>Shows instants by the clock of whoever looks.</summary>
/// <param name="Offset">How far it is ahead of UTC.</param>
public sealed record BrowserClock(TimeSpan Offset)
{
    public static readonly BrowserClock Utc = new(TimeSpan.Zero);

    /// <summary><c>15:04:05</c></summary>
    public string Time(DateTimeOffset instant) => instant.ToOffset(Offset).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary><c>15:04:05.123</c></summary>
    public string FineTime(DateTimeOffset instant) => instant.ToOffset(Offset).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary><c>2026-11-24 15:04:05</c></summary>
    public string Full(DateTimeOffset instant) => instant.ToOffset(Offset).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
