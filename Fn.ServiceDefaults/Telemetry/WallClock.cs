namespace Fn.ServiceDefaults.Telemetry;

/// <summary>Turns timestamps of a <see cref="TimeProvider"/> into instants, for spans that are made of a timeline afterwards.</summary>
public readonly struct WallClock
{
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _now;

    public WallClock(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _now = time.GetUtcNow();
        Timestamp = time.GetTimestamp();
    }

    /// <summary>The timestamp of now.</summary>
    public long Timestamp { get; }

    public DateTimeOffset At(long timestamp) => _now - _time.GetElapsedTime(timestamp, Timestamp);
}
