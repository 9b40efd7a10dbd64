using Fn.Runner.Calls;
using Fn.Runner.Identity;
using Fn.Runner.Resources;
using Fn.Runner.Slots;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Registry;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Registry;

/// <summary>Makes the runner's reports: everything, or what changed since the one before. Not thread-safe.</summary>
internal sealed class ReportBuilder(
    RunnerEngine engine,
    SlotPools pools,
    StartDispatcher dispatcher,
    MemoryLedger ledger,
    CallQueue queue,
    PoolChanges changes,
    RunnerIdentity identity,
    ClusterKey key,
    IOptions<RunnerOptions> options,
    TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();
    private readonly string _epoch = Guid.NewGuid().ToString("N")[..16];
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private long _sequence;

    /// <summary>All there is.</summary>
    public RegistryReport All(string address)
    {
        // What changes from here on is reported again; what changed before is in what is read now.
        while (changes.TryTake(out _))
        {
        }
        _told.Clear();
        var records = new Dictionary<string, PoolRecord>(StringComparer.Ordinal);
        foreach (var pool in pools.All)
        {
            if (pool.TakeRecord(_origin) is { IsEmpty: false } record && _told.Add(pool.Function.Revision))
                records.Add(pool.Function.Revision, record);
        }
        return new RegistryReport { Runner = Describe(address), Pools = records, Full = true };
    }

    /// <summary>What changed since the last report.</summary>
    public RegistryReport Changes(string address)
    {
        var records = new Dictionary<string, PoolRecord>(StringComparer.Ordinal);
        var gone = new List<string>();
        while (changes.TryTake(out var pool))
        {
            // One that went out of use was empty for long before; another may have its place.
            if (pool.IsRetired)
                continue;
            var revision = pool.Function.Revision;
            var record = pool.TakeRecord(_origin);
            if (!record.IsEmpty)
            {
                records[revision] = record;
                _told.Add(revision);
            }
            else if (_told.Remove(revision))
            {
                records.Remove(revision);
                gone.Add(revision);
            }
        }
        return new RegistryReport { Runner = Describe(address), Pools = records, Gone = gone };
    }

    /// <summary>The runner itself as it is now, in a report of its own number.</summary>
    public RunnerRecord Describe(string address) => new()
    {
        Id = identity.Id,
        Name = options.Value.Name ?? Environment.MachineName,
        Epoch = _epoch,
        Sequence = ++_sequence,
        Address = address,
        Mac = key.SignRunner(identity.Id, address),
        Draining = engine.Draining,
        Memory = ledger.Budget,
        Reserved = ledger.Reserved,
        MaxStarts = dispatcher.MaxStarts,
        Starting = dispatcher.Starting + dispatcher.Queued,
        Waiting = queue.Waiting,
        Calls = engine.Calls,
        Uptime = (long)time.GetElapsedTime(_origin).TotalMilliseconds,
    };
}
