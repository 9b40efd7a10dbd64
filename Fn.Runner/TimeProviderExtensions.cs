namespace Fn.Runner;

/// <summary>Arithmetic on a <see cref="TimeProvider"/>'s timestamps.</summary>
internal static class TimeProviderExtensions
{
    /// <summary>The timestamp this much after (or before) another.</summary>
    public static long Add(this TimeProvider time, long timestamp, TimeSpan span) => timestamp + (long)(span.TotalSeconds * time.TimestampFrequency);
}
