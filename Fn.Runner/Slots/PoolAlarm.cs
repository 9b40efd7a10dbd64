namespace Fn.Runner.Slots;

/// <summary>
/// One timer that goes off at the earliest instant anyone asked for. Asking for a later one than it is set to costs a comparison, which is what a hot pool
/// does on every release. Not thread-safe: used under the owner's lock. Going off early is harmless: the owner looks at what is due and asks again.
/// </summary>
internal sealed class PoolAlarm : IDisposable
{
    // System timers count whole milliseconds; anything shorter would go off at once and spin.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _due = long.MaxValue;

    public PoolAlarm(TimeProvider time, Action ring)
    {
        _time = time;
        // It outlives the call in whose flow it is made, and must not go on as a part of it.
        using var flow = SuppressedFlow.Begin();
        _timer = time.CreateTimer(static state => ((Action)state!)(), ring, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Goes off at <paramref name="due"/> (a timestamp) or earlier.</summary>
    public void RingBy(long due)
    {
        if (due >= _due)
            return;
        _due = due;
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), due);
        _timer.Change(wait > Least ? wait : Least, Timeout.InfiniteTimeSpan);
    }

    /// <summary>To be called first when it went off: from here on it can be set again.</summary>
    public void Rang() => _due = long.MaxValue;

    public void Dispose() => _timer.Dispose();
}
