using Fn.ServiceDefaults.Registry;

namespace Fn.Api.Placement;

/// <summary>
/// A function's containers on one runner: what the runner reported last, corrected by what this gateway has done since. Thread-safe.
/// </summary>
/// <remarks>
/// A report may be older or newer than a placement that is under way; nobody can tell. So calls are not added to and taken from what was reported: those
/// of others are taken to be what the report says less this gateway's own at that moment, and its own, of which it knows exactly, are added.
/// </remarks>
internal sealed class PoolView(RunnerView runner, string revision, string functionId, long memory, TimeProvider time)
{
    private readonly Lock _lock = new();
    private PoolRecord? _record;
    private long[] _idleSince = [];
    private long? _runningSince;
    private long _usedAt;
    private int _own;
    private int _ownAtRecord;
    private int _leastIdle;

    // Idle containers that calls of this gateway, which are under way, have had evicted or will have.
    private int _evicting;

    // Those of calls that are over, and the report of the runner that knows better.
    private int _evicted;
    private long _evictedUntil;

    // A call of this gateway has just run here, so there is a container, whatever the reports before this one say.
    private long _assumedUntil;

    public RunnerView Runner => runner;

    public string Revision => revision;

    public string FunctionId => functionId;

    /// <summary>Bytes of one container.</summary>
    public long Memory => memory;

    /// <summary>What the runner reported last; null: nothing.</summary>
    public PoolRecord? Record
    {
        get
        {
            lock (_lock)
                return _record;
        }
    }

    /// <summary>Whether nothing is known of it any more.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _own == 0 && !IsAssumedLocked && _record is null or { IsEmpty: true };
        }
    }

    /// <summary>Takes what the runner reports.</summary>
    /// <param name="record">The report; null: there is nothing any more.</param>
    public void Apply(PoolRecord? record)
    {
        lock (_lock)
        {
            // Containers that are gone are those that were to go.
            _evicting = Math.Max(0, _evicting - Math.Max(0, Containers(_record) - Containers(record)));
            _record = record;
            _ownAtRecord = _own;
            _idleSince = record is null or { IdleSince.Count: 0 } ? [] : [.. record.IdleSince.Select(runner.ToTimestamp)];
            _leastIdle = _idleSince.Length;
            _runningSince = record?.RunningSince is { } since ? runner.ToTimestamp(since) : null;
            if (record is not null)
                _usedAt = Math.Max(_usedAt, runner.ToTimestamp(record.UsedAt));
        }
        runner.PoolChanged();
    }

    public PoolSight Look()
    {
        lock (_lock)
            return LookLocked();
    }

    /// <summary>Enters a call of this gateway if there is an idle container for it. False: another one was quicker.</summary>
    public bool TryTakeIdle()
    {
        lock (_lock)
        {
            if (IdleLocked == 0)
                return false;
            EnterLocked();
            return true;
        }
    }

    /// <summary>Enters a call of this gateway.</summary>
    public void Enter()
    {
        lock (_lock)
            EnterLocked();
    }

    /// <summary>A call of this gateway is over here.</summary>
    /// <param name="leftContainer">Whether it ran and its container is likely to be there for another one.</param>
    public void Leave(bool leftContainer)
    {
        lock (_lock)
        {
            _own--;
            if (leftContainer)
            {
                _usedAt = time.GetTimestamp();
                _assumedUntil = NextSureReport;
            }
        }
        runner.PoolChanged();
    }

    /// <summary>The idle containers, those that are to be kept too, and when the least recently used of them became idle.</summary>
    public IdleSight Idle
    {
        get
        {
            lock (_lock)
            {
                var idle = IdleLocked;
                if (idle == 0)
                    return new IdleSight(0, 0, long.MaxValue);
                // Slots are given last-in-first-out: those that were not reached since the report are as old as it says.
                var evicting = EvictingLocked;
                var oldest = evicting < Math.Min(_leastIdle, _idleSince.Length) ? _idleSince[evicting] : _usedAt;
                return new IdleSight(idle, Math.Clamp(ReadyLocked - (_record?.Floor ?? 0), 0, idle), oldest);
            }
        }
    }

    /// <summary>A call of this gateway will have an idle container of this pool evicted.</summary>
    public void NoteEviction()
    {
        lock (_lock)
        {
            _evicting++;
            _assumedUntil = 0;
        }
        runner.PoolChanged();
    }

    /// <summary>The call that was to have a container of this pool evicted is over.</summary>
    /// <param name="happened">Whether the call ran: then the next report shows what became of the container. Else it is still there.</param>
    public void EndEviction(bool happened)
    {
        lock (_lock)
        {
            // A report has shown it already.
            if (_evicting == 0)
                return;
            _evicting--;
            if (happened)
            {
                _evicted = EvictedLocked + 1;
                _evictedUntil = Sequence + 1;
            }
        }
        runner.PoolChanged();
    }

    /// <summary>The report that knows of what is placed now: the next one may have been made before, the one after it was not.</summary>
    private long NextSureReport => Sequence + 2;

    private long Sequence => runner.Record?.Sequence ?? 0;

    private int EvictedLocked => Sequence < _evictedUntil ? _evicted : 0;

    private int EvictingLocked => _evicting + EvictedLocked;

    private bool IsAssumedLocked => Sequence < _assumedUntil;

    private void EnterLocked()
    {
        _own++;
        _leastIdle = Math.Min(_leastIdle, IdleLocked + EvictingLocked);
        runner.PoolChanged();
    }

    private static int Containers(PoolRecord? record) => record is null ? 0 : record.Idle + record.Busy;

    private int ReadyLocked => Math.Max(Containers(_record) - EvictingLocked, IsAssumedLocked ? 1 : 0);

    private int CallsLocked => _own + (_record is null ? 0 : Math.Max(0, _record.Busy + _record.Waiting - _ownAtRecord));

    private int IdleLocked => Math.Max(0, ReadyLocked - CallsLocked);

    private PoolSight LookLocked()
    {
        var (ready, calls) = (ReadyLocked, CallsLocked);
        var starting = _record?.Starting ?? 0;
        // This gateway's calls on a runner that has nothing yet: they are what it starts a container for.
        if (ready + starting == 0 && _own > 0)
            starting = 1;
        var start = TimeSpan.FromMilliseconds(_record?.StartMs ?? 0);
        var service = _record?.ServiceMs is { } known ? TimeSpan.FromMilliseconds(known) : start;
        if (_runningSince is { } since && ready > 0 && time.GetElapsedTime(since) is var age && age > service)
            service = age;
        return new PoolSight
        {
            Idle = Math.Max(0, ready - calls),
            Ready = ready,
            Starting = starting,
            Queued = Math.Max(0, calls - ready),
            Service = service,
            Start = start,
            UsedAt = _usedAt,
        };
    }
}
