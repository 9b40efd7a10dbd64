namespace Fn.Runner.Containers;

/// <summary>
/// The lines that a container may log: so many in a second, from whichever stream they come. How many did not fit is told once the second is over, by a timer,
/// since the next line may never come. Thread-safe.
/// </summary>
internal sealed class LogBudget : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly int _most;
    private readonly Action<int> _dropped;
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private long _begun;
    private int _lines;
    private int _missed;
    private int _readers;

    /// <param name="time">The clock.</param>
    /// <param name="most">Lines in a second.</param>
    /// <param name="readers">Streams; each disposes this once, when it is over.</param>
    /// <param name="dropped">Told how many lines were dropped. Not called under a lock.</param>
    public LogBudget(TimeProvider time, int most, int readers, Action<int> dropped)
    {
        (_time, _most, _readers, _dropped) = (time, most, readers, dropped);
        _begun = time.GetTimestamp();
    }

    /// <summary>Whether a line may be kept.</summary>
    public bool TryTake()
    {
        var missed = 0;
        bool taken;
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            if (_time.GetElapsedTime(_begun, now) >= Period)
            {
                // The timer may be late.
                missed = TakeMissedLocked();
                (_begun, _lines) = (now, 0);
            }
            taken = _lines < _most;
            if (taken)
                _lines++;
            else if (_missed++ == 0)
                ArmLocked(now);
        }
        Tell(missed);
        return taken;
    }

    /// <summary>One of the streams is over.</summary>
    public void Dispose()
    {
        int missed;
        lock (_lock)
        {
            missed = TakeMissedLocked();
            if (--_readers == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
        Tell(missed);
    }

    /// <summary>Made only for a container that logs too much.</summary>
    private void ArmLocked(long now)
    {
        _timer ??= _time.CreateTimer(static budget => ((LogBudget)budget!).OnPeriodOver(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Period - _time.GetElapsedTime(_begun, now), Timeout.InfiniteTimeSpan);
    }

    private void OnPeriodOver()
    {
        int missed;
        lock (_lock)
            missed = TakeMissedLocked();
        Tell(missed);
    }

    private int TakeMissedLocked()
    {
        var missed = _missed;
        _missed = 0;
        return missed;
    }

    private void Tell(int missed)
    {
        if (missed > 0)
            _dropped(missed);
    }
}
