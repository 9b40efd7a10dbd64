using System.Diagnostics;
using System.Globalization;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Registry;

namespace Fn.Bench.Cluster;

/// <summary>What a runner would say of itself, without containers behind it. Thread-safe.</summary>
internal sealed class SimulatedRunner
{
    private readonly Lock _lock = new();
    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly Random _random;
    private readonly FunctionSpec[] _functions;
    private readonly PoolRecord[] _pools;
    private readonly string? _mac;
    private long _sequence;

    /// <param name="number">Its number in the cluster.</param>
    /// <param name="functions">The functions that have containers on it.</param>
    public SimulatedRunner(int number, FunctionSpec[] functions)
    {
        Id = "runner-" + number.ToString("D4", CultureInfo.InvariantCulture);
        Address = $"http://10.{number >> 16}.{(number >> 8) & 255}.{number & 255}:8081";
        _mac = new ClusterKey(Member.Key).SignRunner(Id, Address);
        _random = new Random(number);
        _functions = functions;
        _pools = [.. functions.Select(MakePool)];
    }

    public string Id { get; }

    public string Address { get; }

    public int PoolCount => _pools.Length;

    /// <summary>While true all its memory is reserved, so that a start needs a victim.</summary>
    public bool IsShort { get; set; }

    /// <summary>Whether the registry has everything it has said.</summary>
    public bool IsStored { get; set; }

    public RegistryReport All()
    {
        lock (_lock)
        {
            var pools = new Dictionary<string, PoolRecord>(_pools.Length, StringComparer.Ordinal);
            for (var i = 0; i < _pools.Length; i++)
                pools.Add(_functions[i].Revision, _pools[i]);
            return new RegistryReport { Runner = DescribeLocked(), Pools = pools, Full = true };
        }
    }

    /// <summary>A report after some of its pools changed: calls began or ended there.</summary>
    public RegistryReport Changes(int changed)
    {
        lock (_lock)
        {
            var pools = new Dictionary<string, PoolRecord>(changed, StringComparer.Ordinal);
            while (pools.Count < Math.Min(changed, _pools.Length))
            {
                var i = _random.Next(_pools.Length);
                _pools[i] = UseLocked(_pools[i]);
                pools[_functions[i].Revision] = _pools[i];
            }
            return new RegistryReport { Runner = DescribeLocked(), Pools = pools };
        }
    }

    /// <summary>Whether somebody sees of each pool what is the case.</summary>
    public bool IsSeenRight(Func<string, PoolRecord?> seen)
    {
        lock (_lock)
        {
            for (var i = 0; i < _pools.Length; i++)
            {
                var pool = _pools[i];
                if (seen(_functions[i].Revision) is not { } record || record.UsedAt != pool.UsedAt || record.Idle != pool.Idle || record.Busy != pool.Busy)
                    return false;
            }
            return true;
        }
    }

    private PoolRecord MakePool(FunctionSpec function)
    {
        var since = -_random.Next(300_000);
        var idle = _random.Next(4) == 0 ? 2 : 1;
        return new PoolRecord
        {
            FunctionId = function.FunctionId,
            Memory = function.MemoryBytes,
            Idle = idle,
            ServiceMs = Math.Round(5 + _random.NextDouble() * 45, 3),
            StartMs = 500,
            UsedAt = since,
            IdleSince = [.. Enumerable.Range(0, idle).Select(i => (long)since - 1000 * (idle - 1 - i))],
            IdleTimeoutMs = (long)function.IdleTimeout.TotalMilliseconds,
        };
    }

    /// <summary>One call begins if none runs, else it ends.</summary>
    private PoolRecord UseLocked(PoolRecord pool)
    {
        var now = UptimeLocked;
        if (pool.Busy == 0)
            return pool with { Idle = pool.Idle - 1, Busy = 1, UsedAt = now, RunningSince = now, IdleSince = [.. pool.IdleSince.SkipLast(1)] };
        return pool with { Idle = pool.Idle + 1, Busy = 0, UsedAt = now, RunningSince = null, IdleSince = [.. pool.IdleSince, now] };
    }

    private RunnerRecord DescribeLocked()
    {
        var reserved = _pools.Sum(static pool => (pool.Idle + pool.Busy) * pool.Memory);
        return new RunnerRecord
        {
            Id = Id,
            Name = Id,
            Epoch = "0123456789abcdef",
            Sequence = ++_sequence,
            Address = Address,
            Mac = _mac,
            Memory = IsShort ? reserved : 4 * reserved,
            Reserved = reserved,
            MaxStarts = 8,
            Calls = _pools.Sum(static pool => pool.Busy),
            Uptime = UptimeLocked,
        };
    }

    private long UptimeLocked => (long)Stopwatch.GetElapsedTime(_origin).TotalMilliseconds;
}
