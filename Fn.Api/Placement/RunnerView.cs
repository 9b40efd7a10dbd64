using System.Collections.Concurrent;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Registry;

namespace Fn.Api.Placement;

/// <summary>
/// A runner that this gateway knows: how it is reached, what it reported last, corrected by what this gateway has placed there since, and whether it is worth
/// asking at the moment. Thread-safe; reports are applied by one thread.
/// </summary>
internal sealed class RunnerView
{
    /// <summary>How much two machines' clocks may differ in speed: ten times what quartz does.</summary>
    private const double ClockDrift = 0.001;

    private readonly ConcurrentDictionary<string, PoolView> _pools = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly Action<RunnerView>? _release;
    private RunnerRecord? _record;
    private long _avoidedUntil = long.MinValue;
    private long _heardAt;

    // The timestamp at which the runner's uptime began.
    private long _origin;

    // Bytes of all cold calls ever placed here, and how many of them the last report may have missed.
    private long _placed;
    private long _placedAtRecord;
    private int _uses;

    // What all pools have idle: seldom asked for, often changed.
    private IdleTotals? _idle;

    /// <param name="address">Where it is reached.</param>
    /// <param name="runner">The way to it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="release">Called once when nobody uses it any more after <see cref="Retire"/>; null: somebody else owns the runner.</param>
    public RunnerView(string address, IRunner runner, TimeProvider time, Action<RunnerView>? release = null)
    {
        Address = address;
        Runner = runner;
        Hash = Rendezvous.Hash(address);
        _time = time;
        _release = release;
        _uses = 1;
    }

    public string Address { get; }

    public IRunner Runner { get; }

    /// <summary>For rendezvous hashing. By address, not id: gateways that were told addresses rank like those that read the registry.</summary>
    public ulong Hash { get; }

    /// <summary>What it reported last; null: it does not report.</summary>
    public RunnerRecord? Record => Volatile.Read(ref _record);

    public ICollection<PoolView> Pools => _pools.Values;

    /// <summary>When it was last heard of.</summary>
    public long HeardAt => Volatile.Read(ref _heardAt);

    /// <summary>True while others are to be asked first.</summary>
    public bool IsAvoided => _time.GetTimestamp() < Volatile.Read(ref _avoidedUntil) || Record is { Draining: true };

    public void Avoid(TimeSpan span) => Volatile.Write(ref _avoidedUntil, _time.GetTimestamp() + Ticks(span));

    /// <param name="record">What the runner reports.</param>
    /// <param name="age">How long ago it did so, as far as that is known.</param>
    public void Apply(RunnerRecord record, TimeSpan age)
    {
        var now = _time.GetTimestamp();
        var origin = now - Ticks(age + TimeSpan.FromMilliseconds(record.Uptime));
        // The report that took the least time to get here tells best when the runner began, so a late one does not make all it tells of younger; but clocks
        // do not go quite alike, so none tells for ever.
        var same = _record?.Epoch == record.Epoch;
        _origin = same ? Math.Min(origin, _origin + Ticks(_time.GetElapsedTime(_heardAt, now) * ClockDrift)) : origin;
        Volatile.Write(ref _heardAt, now);
        // A new process at a known address is worth asking.
        if (_record is not null && !same)
            Volatile.Write(ref _avoidedUntil, long.MinValue);
        Volatile.Write(ref _placedAtRecord, Interlocked.Read(ref _placed));
        Volatile.Write(ref _record, record);
    }

    /// <summary>The timestamp of this process for an instant of the runner's, in milliseconds of its uptime.</summary>
    public long ToTimestamp(long instant) => Math.Min(_heardAt, _origin + Ticks(TimeSpan.FromMilliseconds(instant)));

    public bool TryGetPool(string revision, out PoolView? pool) => _pools.TryGetValue(revision, out pool);

    public PoolView AddPool(string revision, string functionId, long memory) => _pools.GetOrAdd(
        revision, static (key, state) => new PoolView(state.Owner, key, state.FunctionId, state.Memory, state.Owner._time), (Owner: this, FunctionId: functionId, Memory: memory));

    public void RemovePool(PoolView pool) => _pools.TryRemove(KeyValuePair.Create(pool.Revision, pool));

    /// <summary>A cold call of this gateway was placed here, which will reserve memory.</summary>
    public void NoteStart(long bytes) => Interlocked.Add(ref _placed, bytes);

    /// <summary>A cold call of this gateway is placed here although memory is short: the least recently used idle containers are spoken for.</summary>
    /// <param name="bytes">Memory of the call's container.</param>
    /// <param name="kept">Whether also those that are to be kept may go.</param>
    /// <returns>The pools they are of, once for each; what becomes of the call is to be told to them (<see cref="PoolView.EndEviction"/>).</returns>
    public IReadOnlyList<PoolView> NoteEvictions(long bytes, bool kept = false)
    {
        var victims = new List<PoolView>(1);
        if (Record is not { } record)
            return victims;
        for (var missing = bytes - (record.Memory - Reserved(record)); missing > 0 && FindOldestIdle(kept) is { } pool; missing -= pool.Memory)
        {
            pool.NoteEviction();
            victims.Add(pool);
        }
        return victims;
    }

    /// <summary>How it is for a function, without what <see cref="LookAtIdle"/> adds.</summary>
    public RunnerSight Look(ulong function, bool askable)
    {
        if (Record is not { } record)
            return new RunnerSight { Weight = Rendezvous.Weight(function, Hash), Askable = askable, Reports = false };
        return new RunnerSight
        {
            Weight = Rendezvous.Weight(function, Hash),
            Askable = askable,
            Reports = true,
            Memory = record.Memory,
            Reserved = Reserved(record),
            OldestIdle = long.MaxValue,
            Starting = record.Starting,
            MaxStarts = record.MaxStarts,
            Queued = record.Waiting,
        };
    }

    /// <summary>Adds to a sight what the idle containers of all pools amount to: asked for only when memory is short, as it may have to be reckoned.</summary>
    /// <param name="sight">The sight.</param>
    /// <param name="kept">Whether those that are to be kept count too.</param>
    public RunnerSight LookAtIdle(RunnerSight sight, bool kept = false)
    {
        if (!sight.Reports)
            return sight;
        var idle = kept ? FindIdle().All : FindIdle().Spare;
        return sight with { IdleMemory = idle.Bytes, OldestIdle = idle.Oldest };
    }

    /// <summary>A pool has changed, so what is idle has to be reckoned again.</summary>
    public void PoolChanged() => Volatile.Write(ref _idle, null);

    /// <summary>The registry knows it no more; what was known of it counts no more.</summary>
    public void Forget()
    {
        Volatile.Write(ref _record, null);
        foreach (var pool in _pools.Values)
            pool.Apply(null);
    }

    /// <summary>Counts a user, unless the runner is no more to be used.</summary>
    public bool TryUse()
    {
        // Thread A retires the runner while thread B begins to use it: whoever brings the count to nothing releases it, and nobody gets in after that.
        for (var seen = Volatile.Read(ref _uses); seen > 0; seen = Volatile.Read(ref _uses))
        {
            if (Interlocked.CompareExchange(ref _uses, seen + 1, seen) == seen)
                return true;
        }
        return false;
    }

    public void EndUse()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
            _release?.Invoke(this);
    }

    /// <summary>The cluster has forgotten it. Calls that are there go on; to be called once.</summary>
    public void Retire() => EndUse();

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private IdleTotals FindIdle()
    {
        if (Volatile.Read(ref _idle) is { } known)
            return known;
        // Thread A reckons while thread B changes a pool: B's null is written before or after A's result, and at worst a decision is a moment out of date.
        var (all, spare) = (new IdleTotal(0, long.MaxValue), new IdleTotal(0, long.MaxValue));
        foreach (var (_, pool) in _pools)
        {
            var idle = pool.Idle;
            all = all.With(idle.Count, pool.Memory, idle.Oldest);
            spare = spare.With(idle.Spare, pool.Memory, idle.Oldest);
        }
        var found = new IdleTotals(all, spare);
        Volatile.Write(ref _idle, found);
        return found;
    }

    private PoolView? FindOldestIdle(bool kept)
    {
        PoolView? found = null;
        var oldest = long.MaxValue;
        foreach (var (_, pool) in _pools)
        {
            var idle = pool.Idle;
            if ((kept ? idle.Count : idle.Spare) > 0 && idle.Oldest < oldest)
                (found, oldest) = (pool, idle.Oldest);
        }
        return found;
    }

    private readonly record struct IdleTotal(long Bytes, long Oldest)
    {
        public IdleTotal With(int count, long memory, long oldest) => count == 0 ? this : new IdleTotal(Bytes + count * memory, Math.Min(Oldest, oldest));
    }

    private sealed record IdleTotals(IdleTotal All, IdleTotal Spare);

    private long Reserved(RunnerRecord record) => record.Reserved + Interlocked.Read(ref _placed) - Volatile.Read(ref _placedAtRecord);
}
