using System.Buffers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Placement;

/// <summary>Applies the policy to the view for one call, and the choice to the view. Not thread-safe.</summary>
/// <param name="view">The cluster.</param>
/// <param name="function">The function that is called.</param>
internal sealed class PlacementChooser(ClusterView view, FunctionSpec function)
{
    /// <summary>Most runners of which it is known how they are that are asked in vain before the call queues.</summary>
    private const int MostAsked = 8;

    private readonly bool _oneCall = function.Format == FunctionFormat.Default;
    private List<RunnerView>? _asked;
    private List<RunnerView>? _full;
    private int _askedKnowing;

    /// <summary>Offers made so far.</summary>
    public int Attempts { get; set; }

    /// <summary>Whether the runner that was chosen last is to queue the call; else it is to take it now.</summary>
    public bool Queues { get; private set; }

    /// <summary>The next runner to be asked: to take the call now, and once none is worth that, to queue it. Null: all were asked.</summary>
    public PlacementClaim? Choose()
    {
        // With one runner there is nothing to choose.
        if (!Queues && view.Runners.Length > 1 && ChooseNow() is { } now)
            return now;
        Queues = true;
        return ChooseQueue();
    }

    /// <summary>The next runner to be asked to take the call now; null: none is worth it.</summary>
    private PlacementClaim? ChooseNow()
    {
        if (_askedKnowing >= MostAsked)
            return null;
        return (_oneCall ? null : ChooseHot()) ?? ChooseCold();
    }

    /// <summary>The next runner to be asked to queue the call; null: all were asked.</summary>
    private PlacementClaim? ChooseQueue()
    {
        // With one runner there is nothing to weigh.
        if (view.Runners is [var only])
            return !IsAsked(only) && only.TryUse() ? new PlacementClaim(view, only, null, PlacementWhy.OnlyRunner) : null;
        return Queue(runner => !IsAsked(runner) ? !runner.IsAvoided : _full?.Contains(runner) == true) ?? Queue(runner => !IsAsked(runner));
    }

    /// <summary>A runner did not take the call.</summary>
    public void Refused(RunnerView runner, NotPlacedReason reason)
    {
        (_asked ??= []).Add(runner);
        _askedKnowing += runner.Record is null ? 0 : 1;
        if (reason == NotPlacedReason.Full && !Queues)
            (_full ??= []).Add(runner);
        else
            _full?.Remove(runner);
    }

    private PlacementClaim? ChooseHot()
    {
        var pools = view.PoolsOf(function.Revision);
        if (pools.Length == 0)
            return null;
        Span<PoolSight> sights = pools.Length <= 16 ? stackalloc PoolSight[16] : new PoolSight[pools.Length];
        sights = sights[..pools.Length];
        while (true)
        {
            for (var i = 0; i < sights.Length; i++)
                sights[i] = IsAskable(pools[i].Runner) ? pools[i].Look() : default;
            var hot = PlacementPolicy.Hot(sights);
            if (hot >= 0)
            {
                // Thread A and thread B see the same idle container; one of them gets it, the other looks again.
                if (!pools[hot].TryTakeIdle())
                    continue;
                return Claim(pools[hot], PlacementWhy.IdleContainer, hot: true);
            }
            var line = HasAllItMay(sights) ? PlacementPolicy.ShortestWait(sights) : PlacementPolicy.LineUp(sights);
            if (line < 0)
                return null;
            pools[line].Enter();
            return Claim(pools[line], PlacementWhy.ShortWait, hot: sights[line].Ready > 0);
        }
    }

    /// <summary>A function that asked for at most so many containers gets no more on another runner either.</summary>
    private bool HasAllItMay(ReadOnlySpan<PoolSight> pools)
    {
        if (function.MaxContainers is not { } most)
            return false;
        var count = 0;
        foreach (ref readonly var pool in pools)
            count += pool.Ready + pool.Starting;
        return count >= most;
    }

    private PlacementClaim? ChooseCold()
    {
        var runners = view.Runners;
        var rented = ArrayPool<RunnerSight>.Shared.Rent(runners.Length);
        try
        {
            var sights = Look(runners, rented, IsAskable);
            var bytes = function.MemoryBytes;
            if (PlacementPolicy.Free(sights, bytes) is >= 0 and var free)
            {
                runners[free].NoteStart(bytes);
                return Enter(runners[free], PlacementWhy.FreeMemory);
            }
            return ChooseVictim(runners, rented, kept: false) ?? (HasNone() ? ChooseVictim(runners, rented, kept: true) : null);
        }
        finally
        {
            ArrayPool<RunnerSight>.Shared.Return(rented);
        }
    }

    /// <param name="runners">The runners.</param>
    /// <param name="sights">How they are; what their idle containers amount to is added.</param>
    /// <param name="kept">Whether also those containers may go that are to be kept.</param>
    private PlacementClaim? ChooseVictim(RunnerView[] runners, RunnerSight[] sights, bool kept)
    {
        for (var i = 0; i < runners.Length; i++)
        {
            if (sights[i].Askable)
                sights[i] = runners[i].LookAtIdle(sights[i], kept);
        }
        var bytes = function.MemoryBytes;
        return PlacementPolicy.Victim(sights.AsSpan(0, runners.Length), bytes) is >= 0 and var victim
            ? Enter(runners[victim], PlacementWhy.Eviction, runners[victim].NoteEvictions(bytes, kept))
            : null;
    }

    /// <summary>Whether the function has no container anywhere: only then it takes what others are to keep.</summary>
    private bool HasNone()
    {
        foreach (var pool in view.PoolsOf(function.Revision))
        {
            var sight = pool.Look();
            if (sight.Ready + sight.Starting > 0)
                return false;
        }
        return true;
    }

    private PlacementClaim? Queue(Predicate<RunnerView> askable)
    {
        if (!_oneCall && view.PoolsOf(function.Revision) is { Length: > 0 } pools)
        {
            var waits = new PoolSight[pools.Length];
            for (var i = 0; i < waits.Length; i++)
                waits[i] = askable(pools[i].Runner) ? pools[i].Look() : default;
            if (PlacementPolicy.ShortestWait(waits) is >= 0 and var best)
            {
                pools[best].Enter();
                return Claim(pools[best], PlacementWhy.ShortestQueue, hot: waits[best].Ready > 0);
            }
        }
        var runners = view.Runners;
        var sights = Look(runners, new RunnerSight[runners.Length], askable);
        var shortest = PlacementPolicy.ShortestQueue(sights, function.MemoryBytes);
        // None is large enough: the one that is asked says so.
        if (shortest < 0)
            shortest = PlacementPolicy.ShortestQueue(sights, 0);
        return shortest < 0 ? null : Enter(runners[shortest], PlacementWhy.ShortestQueue);
    }

    private ReadOnlySpan<RunnerSight> Look(RunnerView[] runners, RunnerSight[] sights, Predicate<RunnerView> askable)
    {
        var hash = Rendezvous.Hash(function.FunctionId);
        for (var i = 0; i < runners.Length; i++)
            sights[i] = runners[i].Look(hash, askable(runners[i]));
        return sights.AsSpan(0, runners.Length);
    }

    private PlacementClaim? Enter(RunnerView runner, PlacementWhy why, IReadOnlyList<PoolView>? victims = null)
    {
        // Of a runner that does not report nothing is known, so there is nothing to correct; and a container that serves one call is nobody else's.
        if (runner.Record is null || _oneCall)
            return runner.TryUse() ? new PlacementClaim(view, runner, null, why, hot: false, victims) : Retry(runner);
        var pool = view.PoolOf(runner, function);
        pool.Enter();
        return Claim(pool, why, hot: false, victims);
    }

    private PlacementClaim? Claim(PoolView pool, PlacementWhy why, bool hot, IReadOnlyList<PoolView>? victims = null)
    {
        if (pool.Runner.TryUse())
            return new PlacementClaim(view, pool.Runner, pool, why, hot, victims);
        pool.Leave(leftContainer: false);
        view.Tidy(pool);
        return Retry(pool.Runner);
    }

    /// <summary>The runner left while it was chosen: the choice is made again without it.</summary>
    private PlacementClaim? Retry(RunnerView gone)
    {
        (_asked ??= []).Add(gone);
        return ChooseNow();
    }

    private bool IsAskable(RunnerView runner) => !IsAsked(runner) && !runner.IsAvoided && !view.IsSilent(runner);

    private bool IsAsked(RunnerView runner) => _asked?.Contains(runner) == true;
}
