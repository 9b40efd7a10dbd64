namespace Fn.Api.Placement;

/// <summary>
/// Where a call goes, as pure functions of what is known of the cluster: first among the runners that have the function's containers, then among all of
/// them. Each returns the index of its choice, or -1.
/// </summary>
internal static class PlacementPolicy
{
    /// <summary>How far beyond the mean load a function's favourite runner may be before it is passed by.</summary>
    private const double LoadBound = 1.25;

    /// <summary>Below this load no runner is passed by: with so little to share, what counts is that a function finds its containers again.</summary>
    private const double LightLoad = 0.25;

    /// <summary>The runner with an idle container of the function, most recently used first, so that surplus containers elsewhere can expire.</summary>
    public static int Hot(ReadOnlySpan<PoolSight> pools)
    {
        var best = -1;
        for (var i = 0; i < pools.Length; i++)
        {
            if (pools[i].Idle > 0 && (best < 0 || pools[i].UsedAt > pools[best].UsedAt))
                best = i;
        }
        return best;
    }

    /// <summary>The runner on whose containers the call waits the least, if that is quicker than starting one.</summary>
    public static int LineUp(ReadOnlySpan<PoolSight> pools)
    {
        var best = -1;
        for (var i = 0; i < pools.Length; i++)
        {
            if (pools[i].LinesUp && (best < 0 || pools[i].PredictedWait < pools[best].PredictedWait))
                best = i;
        }
        return best;
    }

    /// <summary>
    /// The runner with free memory that the function prefers (rendezvous hashing), passing by those whose load is beyond the bound or whose start budget is
    /// used up, unless all are.
    /// </summary>
    public static int Free(ReadOnlySpan<RunnerSight> runners, long bytes)
    {
        var bound = Math.Max(LightLoad, MeanLoad(runners) * LoadBound);
        var (best, bestOfAll) = (-1, -1);
        for (var i = 0; i < runners.Length; i++)
        {
            ref readonly var runner = ref runners[i];
            if (!runner.Askable || !runner.HasFree(bytes))
                continue;
            if (bestOfAll < 0 || runner.Weight > runners[bestOfAll].Weight)
                bestOfAll = i;
            if (runner.Reports && (runner.Load > bound || runner.Starting >= runner.MaxStarts))
                continue;
            if (best < 0 || runner.Weight > runners[best].Weight)
                best = i;
        }
        return best >= 0 ? best : bestOfAll;
    }

    /// <summary>The runner that holds the least recently used idle container of the cluster, which it will evict.</summary>
    public static int Victim(ReadOnlySpan<RunnerSight> runners, long bytes)
    {
        var best = -1;
        for (var i = 0; i < runners.Length; i++)
        {
            if (runners[i].Askable && runners[i].HasIdleFor(bytes) && (best < 0 || runners[i].OldestIdle < runners[best].OldestIdle))
                best = i;
        }
        return best;
    }

    /// <summary>Where to queue when nobody takes the call now: on containers of the function where the wait is the shortest.</summary>
    public static int ShortestWait(ReadOnlySpan<PoolSight> pools)
    {
        var best = -1;
        for (var i = 0; i < pools.Length; i++)
        {
            if (pools[i].Ready + pools[i].Starting > 0 && (best < 0 || pools[i].PredictedWait < pools[best].PredictedWait))
                best = i;
        }
        return best;
    }

    /// <summary>The runner with the shortest queue that could hold the container at all; of equals, the one the function prefers.</summary>
    public static int ShortestQueue(ReadOnlySpan<RunnerSight> runners, long bytes)
    {
        var best = -1;
        for (var i = 0; i < runners.Length; i++)
        {
            ref readonly var runner = ref runners[i];
            if (!runner.Askable || (runner.Reports && runner.Memory < bytes))
                continue;
            if (best < 0 || runner.Queued < runners[best].Queued || (runner.Queued == runners[best].Queued && runner.Weight > runners[best].Weight))
                best = i;
        }
        return best;
    }

    private static double MeanLoad(ReadOnlySpan<RunnerSight> runners)
    {
        var (reserved, memory) = (0.0, 0.0);
        foreach (ref readonly var runner in runners)
        {
            reserved += runner.Reserved;
            memory += runner.Memory;
        }
        return memory > 0 ? reserved / memory : 0;
    }
}
