namespace Fn.Runner.Slots;

/// <summary>
/// Start a container only when waiting would take longer than starting: fast functions line up on the containers they have, slow ones scale out. So do fast
/// ones of which calls have been waiting for as long as that, one after the other. docs/adr/0002 has the reasons and the measurements.
/// </summary>
internal static class LaunchRule
{
    public static LaunchDecision Decide(in LaunchSnapshot pool)
    {
        if (pool.Waiting == 0)
            return default;
        var capacity = pool.Ready + pool.Starting;
        if (capacity == 0)
            return new LaunchDecision(Math.Min(1, pool.Max ?? 1), pool.Start, null);

        var service = ServiceOf(pool);
        // Compared in whole ticks, so that the instant at which ageing flips it is exact.
        var backlog = (Int128)service.Ticks * pool.Waiting;
        var predicted = TimeSpan.FromTicks((long)(backlog / capacity));
        if (backlog <= (Int128)pool.Start.Ticks * capacity)
            return DecideLasting(pool, predicted, FlipsAfter(pool, capacity));

        // The herd of a cold function waits for its first container: before that is ready nothing is known of the function.
        if (pool.Ready == 0)
            return new LaunchDecision(0, predicted, null);

        // As many as bring the wait down to a start's time; never more starting than calls that wait, nor more than the step allows.
        var startTicks = Math.Max(1, pool.Start.Ticks);
        var enough = (int)Int128.Min(int.MaxValue, (backlog + startTicks - 1) / startTicks);
        var start = Min(enough - capacity, pool.Waiting - pool.Starting, pool.Step - pool.Starting, (pool.Max ?? int.MaxValue) - capacity);
        return start > 0 ? new LaunchDecision(start, predicted, null) : new LaunchDecision(0, predicted, pool.Held);
    }

    /// <summary>
    /// No call waits for long, but there have been waiting ones all the time: had a container been started when that began, it would be ready. Only for free
    /// memory, though; for what another function may want again each waits a little.
    /// </summary>
    private static LaunchDecision DecideLasting(in LaunchSnapshot pool, TimeSpan predicted, TimeSpan? flipsAfter)
    {
        if (pool.Ready == 0 || pool.Starting > 0 || pool.Lasting is not { } lasting)
            return new LaunchDecision(0, predicted, flipsAfter);
        if (lasting <= pool.Start)
            return new LaunchDecision(0, predicted, Sooner(flipsAfter, pool.Start - lasting + TimeSpan.FromTicks(1)));
        var start = Min(pool.Room, pool.Waiting, pool.Step, (pool.Max ?? int.MaxValue) - pool.Ready);
        return start > 0 ? new LaunchDecision(start, predicted, null) : new LaunchDecision(0, predicted, Sooner(flipsAfter, pool.Held));
    }

    /// <summary>
    /// How many calls the containers there are can serve without letting one wait for longer than a start takes; as many as there are when no container
    /// would be started for them anyway.
    /// </summary>
    public static int LinesUp(in LaunchSnapshot pool)
    {
        var capacity = pool.Ready + pool.Starting;
        if (capacity == 0)
            return 0;
        // The herd of a cold function waits for its first container, here too.
        if (pool.Ready == 0 || capacity >= pool.Max)
            return int.MaxValue;
        var service = Math.Max(1, ServiceOf(pool).Ticks);
        return (int)Int128.Min(int.MaxValue, (Int128)pool.Start.Ticks * capacity / service);
    }

    private static TimeSpan ServiceOf(in LaunchSnapshot pool) => Max(pool.Service ?? pool.Start, pool.OldestRunning ?? TimeSpan.Zero);

    private static TimeSpan? FlipsAfter(in LaunchSnapshot pool, int capacity)
    {
        if (pool.OldestRunning is not { } age)
            return null;
        // The first age with which the backlog is strictly longer than a start.
        var flipAge = (long)((Int128)pool.Start.Ticks * capacity / pool.Waiting) + 1;
        return TimeSpan.FromTicks(flipAge) - age;
    }

    private static TimeSpan? Sooner(TimeSpan? first, TimeSpan? second) => first < second || second is null ? first : second;

    private static TimeSpan Max(TimeSpan first, TimeSpan second) => first > second ? first : second;

    private static int Min(int a, int b, int c, int d) => Math.Min(Math.Min(a, b), Math.Min(c, d));
}
