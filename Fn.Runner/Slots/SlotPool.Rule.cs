using Fn.Runner.Containers;

namespace Fn.Runner.Slots;

/// <summary>When to start containers, and what is due when the alarm goes off.</summary>
internal sealed partial class SlotPool
{
    /// <summary>How long an empty pool is kept for what it has learnt.</summary>
    private static readonly TimeSpan RetireAfter = TimeSpan.FromMinutes(10);

    private int _warming;
    private int _step = 1;
    private long _emptySince;
    private long _startingSince;
    private TimeSpan _startingTime;

    // Since when calls wait without a break, with so many containers as there are; null: none waits.
    private long? _lastingSince;

    private int ReadyLocked => _idle.Count + _busy.Count - _warming;

    private int StartingLocked => _requested.Count + _launching + _warming;

    private bool IsEmptyLocked => _idle.Count + _busy.Count + _waiters.Count + _requested.Count + _launching + _stopping + _floor + _ahead.Count == 0;

    /// <summary>Runs the launch rule: on arrival, release, end of a start, end of a container, and when the alarm goes off.</summary>
    private void ApplyRuleLocked(ref PoolEffects effects)
    {
        ChangedLocked();
        TrackStartingLocked();
        RenewFirstLocked(ref effects);
        if (_format.OneCall)
            return;
        StartForWaitersLocked(ref effects);
        // After the calls: what they have started is not missing any more.
        KeepFloorLocked(ref effects);
    }

    private void StartForWaitersLocked(ref PoolEffects effects)
    {
        // A start that has not begun and that nobody waits for any more is dropped.
        while (_requested.Count > _waiters.Count)
        {
            effects.Cancel(_requested[^1]);
            _requested.RemoveAt(_requested.Count - 1);
        }
        if (_waiters.Count == 0)
        {
            (_step, _lastingSince) = (1, null);
            return;
        }
        _lastingSince ??= _time.GetTimestamp();
        var snapshot = SnapshotLocked();
        var decision = LaunchRule.Decide(snapshot);
        for (var i = 0; i < decision.Start; i++)
            effects.Submit(RequestLocked(null, new StartCause(snapshot, decision, CauseLocked(snapshot).Call, _time.GetTimestamp())));
        if (decision.FlipsAfter is { } after)
            _alarm.RingBy(_time.Add(_time.GetTimestamp(), after));
    }

    /// <summary>The first call of a function without containers will get the one that starts; with others, it is the last that waits too long.</summary>
    private SlotWaiter CauseLocked(in LaunchSnapshot snapshot) => snapshot.Ready + snapshot.Starting == 0 ? _waiters.First!.Value : _waiters.Last!.Value;

    private StartRequest RequestLocked(SlotWaiter? waiter, in StartCause cause)
    {
        var request = new StartRequest(this, waiter) { First = _idle.Count + _busy.Count + _launching + _requested.Count == 0, Cause = cause };
        _requested.Add(request);
        return request;
    }

    /// <summary>
    /// A function that lost its last container while it asked for more has none any more: the oldest of its requests goes before other functions' further
    /// ones, and may claim memory from busy ones.
    /// </summary>
    private void RenewFirstLocked(ref PoolEffects effects)
    {
        if (_requested is not [{ First: false } oldest, ..] || _idle.Count + _busy.Count + _launching > 0)
            return;
        var first = new StartRequest(this, oldest.Waiter) { First = true, Cause = oldest.Cause, Span = oldest.Span };
        oldest.Waiter?.Request = first;
        _requested[0] = first;
        effects.Cancel(oldest);
        effects.Submit(first);
    }

    private LaunchSnapshot SnapshotLocked()
    {
        var start = _statistics.Start;
        var oldest = OldestRunningLocked();
        var now = _time.GetTimestamp();
        var (most, held) = ReadyLocked == 0 ? (_step, null) : _growth.Limit(ReadyLocked, _statistics.Service ?? start, oldest, now);
        return new LaunchSnapshot
        {
            Waiting = _waiters.Count,
            Ready = ReadyLocked,
            Starting = StartingLocked,
            Service = _statistics.Service,
            OldestRunning = oldest,
            Lasting = _lastingSince is { } since ? _time.GetElapsedTime(since, now) : null,
            Room = _services.Dispatcher.RoomFor(Function.MemoryBytes),
            Start = start + _services.Dispatcher.ExpectedWait(start),
            Step = Math.Min(_step, most),
            Held = held,
            Max = Function.MaxContainers,
        };
    }

    /// <summary>The age of the oldest call; the first exchange of a container that is still warming up is part of a start, not a run.</summary>
    private TimeSpan? OldestRunningLocked()
    {
        for (var node = _busy.First; node is not null; node = node.Next)
        {
            if (node.Value.Warm)
                return _time.GetElapsedTime(node.Value.BusySince);
        }
        return null;
    }

    /// <summary>
    /// How long one more call would wait with all the containers there could be, if that is longer than it may; null: it is not, or nothing is known of how
    /// long a run takes.
    /// </summary>
    private TimeSpan? TooLongLocked()
    {
        if (_statistics.Service is not { } service || PredictLocked(service, _services.Dispatcher.FreeMemory) <= _options.QueueTimeout)
            return null;
        // Looks at every function's containers, so it is asked only when it decides.
        var predicted = PredictLocked(service, _services.Dispatcher.FreeMemory + _services.Dispatcher.IdleMemory);
        return predicted > _options.QueueTimeout ? predicted : null;
    }

    private TimeSpan PredictLocked(TimeSpan service, long forMore)
    {
        // Starts that wait for memory have none: they are in what there is for more, or nowhere.
        var containers = _idle.Count + _busy.Count + _launching + forMore / Function.MemoryBytes;
        return service * ((double)(_waiters.Count + 1) / Math.Max(1, Math.Min(containers, Function.MaxContainers ?? long.MaxValue)));
    }

    private string WaitReasonLocked()
    {
        if (_format.OneCall)
            return "a container of its own is started";
        if (ReadyLocked > 0)
            return _growth.Holds(_time.GetTimestamp()) ? "all containers are busy, and more of them would not be faster" : "all containers are busy";
        return StartingLocked > 0 ? "the first container is being started" : "no container runs";
    }

    private void OnAlarm()
    {
        var effects = new PoolEffects();
        bool freed;
        lock (_lock)
        {
            _alarm.Rang();
            if (_closed && IsEmptyLocked)
                return;
            var now = _time.GetTimestamp();
            ExpireWaitersLocked(now, ref effects);
            freed = ExpireFloorLocked(now, ref effects);
            ExpireIdleLocked(now, ref effects);
            WarmOverdueLocked(now, ref effects);
            ApplyRuleLocked(ref effects);
            if (!_closed && IsEmptyLocked && _time.GetElapsedTime(_emptySince, now) >= RetireAfter)
                _closed = true;
            else if (IsEmptyLocked)
                _alarm.RingBy(_time.Add(_emptySince, RetireAfter));
        }
        CarryOut(effects);
        if (freed)
            _services.Dispatcher.BecameIdle();
        if (IsRetired)
            Retired?.Invoke(this);
    }

    private void ExpireWaitersLocked(long now, ref PoolEffects effects)
    {
        var starting = StartingTimeLocked(now);
        for (var node = _waiters.First; node is not null;)
        {
            var waiter = node.Value;
            node = node.Next;
            if (waiter.StartBegun)
                continue;
            // Time in which the pool had nothing but a container being pulled or started has limits of its own.
            var waited = _time.GetElapsedTime(waiter.EnqueuedAt, now) - (starting - waiter.StartingBefore);
            if (waited >= waiter.Limit)
                LeaveLocked(waiter, SlotGrant.Fail(QueueTimedOut()), ref effects);
            else
                _alarm.RingBy(_time.Add(now, waiter.Limit - waited));
        }
    }

    private void ExpireIdleLocked(long now, ref PoolEffects effects)
    {
        while (SpareLocked > 0)
        {
            var oldest = _idle[0];
            var left = Function.IdleTimeout - _time.GetElapsedTime(oldest.IdleSince, now);
            if (left > TimeSpan.Zero)
            {
                _alarm.RingBy(_time.Add(now, left));
                return;
            }
            _idle.RemoveAt(0);
            StopLocked(oldest, StopReason.IdleTimeout, ref effects);
        }
    }

    /// <summary>Time, so far, in which there was no ready container but one being pulled or started.</summary>
    private TimeSpan StartingTimeLocked(long now) => _startingTime + (_startingSince != 0 ? _time.GetElapsedTime(_startingSince, now) : TimeSpan.Zero);

    private void TrackStartingLocked()
    {
        var starting = _launching > 0 && _idle.Count + _busy.Count == 0;
        if (starting == (_startingSince != 0))
            return;
        var now = _time.GetTimestamp();
        _startingTime = StartingTimeLocked(now);
        _startingSince = starting ? now : 0;
    }
}
