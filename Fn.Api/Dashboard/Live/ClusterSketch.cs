using Fn.Api.Invocation;
using Fn.Api.Placement;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Registry;

namespace Fn.Api.Dashboard.Live;

/// <summary>Draws what is known of the cluster at one moment.</summary>
internal sealed class ClusterSketch(ClusterView view, IFunctionResolver functions, RegistryHealth health, TimeProvider time)
{
    public async Task<ClusterSight> DrawAsync()
    {
        var hot = new Dictionary<string, HotCounts>(StringComparer.Ordinal);
        var cards = new List<RunnerCard>();
        foreach (var runner in view.Runners)
            cards.Add(await DrawAsync(runner, hot));
        cards.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name) is var byName && byName != 0 ? byName : string.CompareOrdinal(one.Key, other.Key));
        return new ClusterSight(cards, hot, health.Has);
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
            var drawn = Draw(runner, pool, reported, await functions.ResolveAsync(pool.FunctionId, CancellationToken.None));
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
            HeardAt = InstantOf(runner.HeardAt),
            Memory = record.Memory,
            Reserved = record.Reserved,
            Starting = record.Starting,
            MaxStarts = record.MaxStarts,
            Waiting = record.Waiting,
            Calls = record.Calls,
            Pools = [.. pools.OrderByDescending(pool => pool.UsedAt).ThenBy(pool => pool.Pool.Name, StringComparer.Ordinal).Select(pool => pool.Pool)],
        };
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
}
