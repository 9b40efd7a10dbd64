using System.Runtime.CompilerServices;
using Fn.Api.Invocation;
using Fn.Api.Placement;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Registry;

namespace Fn.Api.Dashboard.Live;

/// <summary>
/// Draws what is known of the cluster at one moment. What has not changed since it was drawn before is the same object again, so that whoever shows it sees
/// at a glance that there is nothing to do. Not thread-safe.
/// </summary>
internal sealed class ClusterSketch(ClusterView view, IFunctionResolver functions, RegistryHealth health, TimeProvider time)
{
    // What was drawn of a report; kept as long as that is.
    private readonly ConditionalWeakTable<PoolRecord, Drawn> _pools = [];

    /// <param name="before">What was drawn before; it is returned when nothing has changed.</param>
    public async Task<ClusterSight> DrawAsync(ClusterSight? before)
    {
        var hot = new Dictionary<string, HotCounts>(StringComparer.Ordinal);
        var known = before?.Runners.ToDictionary(card => card.Key, StringComparer.Ordinal) ?? [];
        var cards = new List<RunnerCard>();
        foreach (var runner in view.Runners)
        {
            var card = await DrawAsync(runner, hot);
            cards.Add(known.TryGetValue(card.Key, out var same) && same.LooksLike(card) ? same : card);
        }
        cards.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name) is var byName && byName != 0 ? byName : string.CompareOrdinal(one.Key, other.Key));
        return before is not null && before.Connected == health.Has && before.Runners.SequenceEqual(cards) ? before : new ClusterSight(cards, hot, health.Has);
    }

    private async Task<RunnerCard> DrawAsync(RunnerView runner, Dictionary<string, HotCounts> hot)
    {
        if (runner.Record is not { } record)
            return new RunnerCard { Key = runner.Address, Name = runner.Address, Address = runner.Address, Reports = false };
        var pools = new List<(long UsedAt, HotPool Pool)>();
        foreach (var pool in runner.Pools)
        {
            if (pool.Record is not { IsEmpty: false } reported)
                continue;
            var drawn = Find(runner, pool, reported, await functions.ResolveAsync(pool.FunctionId, CancellationToken.None));
            pools.Add((reported.UsedAt, drawn));
            hot[pool.FunctionId] = hot.GetValueOrDefault(pool.FunctionId, HotCounts.None) + drawn.Counts;
        }
        return new RunnerCard
        {
            Key = record.Id,
            Name = record.Name is { Length: > 0 } name ? name : record.Id,
            Address = runner.Address,
            Reports = true,
            Draining = record.Draining,
            Silent = view.IsSilent(runner),
            // To the second, as it is shown.
            HeardAt = Truncate(InstantOf(runner.HeardAt)),
            Memory = record.Memory,
            Reserved = record.Reserved,
            Starting = record.Starting,
            MaxStarts = record.MaxStarts,
            Waiting = record.Waiting,
            Calls = record.Calls,
            Pools = [.. pools.OrderByDescending(pool => pool.UsedAt).ThenBy(pool => pool.Pool.Name, StringComparer.Ordinal).Select(pool => pool.Pool)],
        };
    }

    private HotPool Find(RunnerView runner, PoolView pool, PoolRecord record, FunctionSpec? function)
    {
        if (_pools.TryGetValue(record, out var known) && known.Pool.Revision == pool.Revision && ReferenceEquals(known.Function, function))
            return known.Pool;
        var drawn = Draw(runner, pool, record, function);
        _pools.AddOrUpdate(record, new Drawn(function, drawn));
        return drawn;
    }

    private HotPool Draw(RunnerView runner, PoolView pool, PoolRecord record, FunctionSpec? function) => new()
    {
        Revision = pool.Revision,
        FunctionId = pool.FunctionId,
        Name = function is null ? pool.FunctionId : $"{function.AppName}/{function.FunctionName}",
        Memory = record.Memory,
        Counts = new HotCounts(record.Idle, record.Busy, record.Starting),
        Waiting = record.Waiting,
        Service = record.ServiceMs,
        Start = record.StartMs,
        Idle = [.. DrawIdle(runner, record)],
    };

    private IEnumerable<IdleContainer> DrawIdle(RunnerView runner, PoolRecord record)
    {
        var now = time.GetUtcNow();
        var last = new IdleKey(-1, 0);
        foreach (var idle in IdleContainerSight.Of(record, runner, time))
        {
            // They are in the order of time, so those of the same millisecond stand together.
            last = new IdleKey(idle.Since, idle.Since == last.Since ? last.Among + 1 : 0);
            yield return new IdleContainer(last, idle.Kept, now + idle.Left, idle.Timeout ?? TimeSpan.Zero);
        }
    }

    private DateTimeOffset InstantOf(long timestamp) => time.GetUtcNow() - time.GetElapsedTime(timestamp);

    private static DateTimeOffset Truncate(DateTimeOffset instant) => new(instant.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, instant.Offset);

    private sealed record Drawn(FunctionSpec? Function, HotPool Pool);
}
