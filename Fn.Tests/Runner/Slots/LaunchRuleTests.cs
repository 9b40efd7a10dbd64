using Fn.Runner.Slots;
using Xunit;

namespace Fn.Tests.Runner.Slots;

public sealed class LaunchRuleTests
{
    [Theory]
    // what                                                          waiting ready starting service oldest start step max → starts
    [InlineData("nothing waits", 0, 3, 0, 5.0, null, 500.0, 1, null, 0)]
    [InlineData("nothing waits and there is no container", 0, 0, 0, null, null, 500.0, 1, null, 0)]
    [InlineData("nothing waits behind an old call", 0, 1, 0, 5.0, 60_000.0, 500.0, 1, null, 0)]
    [InlineData("no container at all", 1, 0, 0, null, null, 500.0, 1, null, 1)]
    [InlineData("a herd and no container at all", 200, 0, 0, null, null, 500.0, 64, null, 1)]
    [InlineData("a herd of a slow function and no container at all", 200, 0, 0, 2000.0, null, 500.0, 64, null, 1)]
    [InlineData("no container, and one allowed", 200, 0, 0, null, null, 500.0, 64, 1, 1)]
    [InlineData("one call behind the first container", 1, 0, 1, null, null, 500.0, 64, null, 0)]
    [InlineData("a herd behind the first container", 200, 0, 1, null, null, 500.0, 64, null, 0)]
    [InlineData("a herd behind the first container of a slow function", 200, 0, 1, 2000.0, null, 500.0, 64, null, 0)]
    [InlineData("unknown service counts as start: as many wait as there are containers", 2, 2, 0, null, null, 500.0, 64, null, 0)]
    [InlineData("unknown service counts as start: one more waits", 3, 2, 0, null, null, 500.0, 64, null, 1)]
    [InlineData("fast: lines up as long as a start takes", 100, 1, 0, 5.0, null, 500.0, 64, null, 0)]
    [InlineData("fast: the call that would wait longer", 101, 1, 0, 5.0, null, 500.0, 64, null, 1)]
    [InlineData("fast: two containers take twice as many", 200, 2, 0, 5.0, null, 500.0, 64, null, 0)]
    [InlineData("fast: one that is being started counts as one there is", 200, 1, 1, 5.0, null, 500.0, 64, null, 0)]
    [InlineData("slow: as many as bring the wait down to a start's time", 10, 1, 0, 200.0, null, 500.0, 64, null, 3)]
    [InlineData("slow: less those that are being started", 10, 1, 2, 200.0, null, 500.0, 64, null, 1)]
    [InlineData("slow: less all that are being started", 10, 1, 3, 200.0, null, 500.0, 64, null, 0)]
    [InlineData("slow: rounded up", 11, 1, 0, 200.0, null, 500.0, 64, null, 4)]
    [InlineData("slow: never more starting than waiting", 10, 2, 0, 2000.0, null, 500.0, 64, null, 10)]
    [InlineData("slow: nor together with those that are being started", 10, 2, 7, 2000.0, null, 500.0, 64, null, 3)]
    [InlineData("slow: one waits and one is being started", 1, 1, 1, 2000.0, null, 500.0, 64, null, 0)]
    [InlineData("step: one", 200, 1, 0, 2000.0, null, 500.0, 1, null, 1)]
    [InlineData("step: one, which is under way", 200, 1, 1, 2000.0, null, 500.0, 1, null, 0)]
    [InlineData("step: four, one of them under way", 200, 1, 1, 2000.0, null, 500.0, 4, null, 3)]
    [InlineData("step: more are under way than it allows now", 200, 1, 4, 2000.0, null, 500.0, 1, null, 0)]
    [InlineData("max: leaves room for two", 200, 1, 0, 2000.0, null, 500.0, 64, 3, 2)]
    [InlineData("max: reached", 200, 2, 1, 2000.0, null, 500.0, 64, 3, 0)]
    [InlineData("max: far off", 10, 1, 0, 200.0, null, 500.0, 64, 100, 3)]
    [InlineData("age: the running call is younger than a start", 1, 1, 0, 5.0, 499.0, 500.0, 64, null, 0)]
    [InlineData("age: the running call is as old as a start takes", 1, 1, 0, 5.0, 500.0, 500.0, 64, null, 0)]
    [InlineData("age: the running call is older", 1, 1, 0, 5.0, 501.0, 500.0, 64, null, 1)]
    [InlineData("age: of a function that never finished a run", 1, 1, 0, null, 501.0, 500.0, 64, null, 1)]
    [InlineData("age: a mean above it stands", 2, 1, 0, 400.0, 10.0, 500.0, 64, null, 1)]
    [InlineData("age: two containers share the wait", 1, 2, 0, 5.0, 900.0, 500.0, 64, null, 0)]
    [InlineData("age: two containers, old enough", 1, 2, 0, 5.0, 1001.0, 500.0, 64, null, 1)]
    [InlineData("a start takes no time", 5, 1, 0, 5.0, null, 0.0, 2, null, 2)]
    [InlineData("more wait for longer than an int counts", 1_000_000, 1, 0, 3_600_000.0, null, 0.001, int.MaxValue, null, 1_000_000)]
    public void Decide_Pool_StartsSoMany(
        string what, int waiting, int ready, int starting, double? service, double? oldest, double start, int step, int? max, int expected)
    {
        var decision = LaunchRule.Decide(new LaunchSnapshot
        {
            Waiting = waiting,
            Ready = ready,
            Starting = starting,
            Service = Ms(service),
            OldestRunning = Ms(oldest),
            Start = TimeSpan.FromMilliseconds(start),
            Step = step,
            Max = max,
        });

        Assert.True(expected == decision.Start, $"{what}: {decision.Start} starts, {expected} expected.");
    }

    [Theory]
    // what                                     waiting ready starting lasting oldest room step max held → starts, flips after
    [InlineData("not long enough", 9, 1, 0, 499.0, null, 64, 4, null, null, 0, 1.0001)]
    [InlineData("as long as a start takes", 9, 1, 0, 500.0, null, 64, 4, null, null, 0, 0.0001)]
    [InlineData("longer", 9, 1, 0, 501.0, null, 64, 1, null, null, 1, null)]
    [InlineData("age flips sooner", 9, 1, 0, 490.0, 50.0, 64, 4, null, null, 0, 5.5556)]
    [InlineData("it flips sooner than age", 9, 1, 0, 499.0, 50.0, 64, 4, null, null, 0, 1.0001)]
    [InlineData("as many as the step allows", 9, 4, 0, 501.0, null, 64, 4, null, null, 4, null)]
    [InlineData("no more than wait", 3, 4, 0, 501.0, null, 64, 4, null, null, 3, null)]
    [InlineData("no more than there is free memory for", 9, 4, 0, 501.0, null, 2, 4, null, null, 2, null)]
    [InlineData("no memory is free", 9, 4, 0, 501.0, null, 0, 4, null, null, 0, null)]
    [InlineData("no more than the function asks for", 9, 4, 0, 501.0, null, 64, 4, 6, null, 2, null)]
    [InlineData("more of them were of no use", 9, 4, 0, 501.0, null, 64, 0, null, 70.0, 0, 70.0)]
    [InlineData("some are being started", 9, 4, 1, 501.0, null, 64, 4, null, null, 0, null)]
    [InlineData("the first is being started", 9, 0, 1, 501.0, null, 64, 4, null, null, 0, null)]
    public void Decide_FastCallsWaitAllTheTime_StartsForFreeMemory(
        string what, int waiting, int ready, int starting, double lasting, double? oldest, int room, int step, int? max, double? held, int expected, double? flips)
    {
        var decision = LaunchRule.Decide(new LaunchSnapshot
        {
            Waiting = waiting,
            Ready = ready,
            Starting = starting,
            Service = Ms(5),
            OldestRunning = Ms(oldest),
            Lasting = Ms(lasting),
            Room = room,
            Start = TimeSpan.FromMilliseconds(500),
            Step = step,
            Held = Ms(held),
            Max = max,
        });

        Assert.True(expected == decision.Start, $"{what}: {decision.Start} starts, {expected} expected.");
        Assert.Equal(flips, decision.FlipsAfter is { } after ? Math.Round(after.TotalMilliseconds, 4) : null);
    }

    [Theory]
    [InlineData(0, 0, 40.0)]
    [InlineData(2, 2, null)]
    public void Decide_HeldBack_SaysWhenToLookAgainUnlessItStarts(int step, int expected, double? flips)
    {
        var decision = LaunchRule.Decide(new LaunchSnapshot
        {
            Waiting = 200,
            Ready = 4,
            Starting = 0,
            Service = Ms(200),
            OldestRunning = Ms(5),
            Start = TimeSpan.FromMilliseconds(10),
            Step = step,
            Held = Ms(40),
            Max = null,
        });

        Assert.Equal((expected, Ms(flips)), (decision.Start, decision.FlipsAfter));
    }

    [Theory]
    [InlineData(0, 1, 0, 5.0, null, 0.0)]
    [InlineData(10, 1, 0, 5.0, null, 50.0)]
    [InlineData(10, 1, 1, 5.0, null, 25.0)]
    [InlineData(10, 4, 1, 2000.0, null, 4000.0)]
    [InlineData(1, 1, 0, 5.0, 700.0, 700.0)]
    [InlineData(3, 1, 0, null, null, 1500.0)]
    [InlineData(7, 0, 0, 5.0, null, 500.0)]
    public void Decide_Pool_PredictsBacklogTimesServiceOverCapacity(int waiting, int ready, int starting, double? service, double? oldest, double expected)
    {
        var decision = LaunchRule.Decide(Snapshot(waiting, ready, starting, Ms(service), Ms(oldest), TimeSpan.FromMilliseconds(500)));

        Assert.Equal(TimeSpan.FromMilliseconds(expected), decision.PredictedWait);
    }

    [Theory]
    [InlineData("nothing waits", 0, 1, 5.0, 100.0)]
    [InlineData("nothing runs", 1, 1, 5.0, null)]
    [InlineData("a start is due already", 3, 1, 500.0, 100.0)]
    [InlineData("no container is there", 1, 0, null, null)]
    public void Decide_NothingAges_NeverFlips(string what, int waiting, int ready, double? service, double? oldest)
    {
        var decision = LaunchRule.Decide(Snapshot(waiting, ready, 0, Ms(service), Ms(oldest), TimeSpan.FromMilliseconds(500)));

        Assert.True(decision.FlipsAfter is null, what);
    }

    [Fact]
    public void Decide_OldestCallGoesOnRunning_FlipsAfterSaysTheFirstInstantAtWhichAStartIsDue()
    {
        var random = new Random(20);
        var flips = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var starting = random.Next(3);
            var pool = Snapshot(
                waiting: starting + random.Next(1, 50),
                ready: random.Next(1, 20),
                starting,
                service: random.Next(3) == 0 ? null : Ticks(random, 10_000_000),
                oldest: Ticks(random, 10_000_000),
                start: Ticks(random, 20_000_000)) with
            { Step = 4 };
            if (LaunchRule.Decide(pool).FlipsAfter is not { } after)
                continue;
            flips++;

            var then = pool with { OldestRunning = pool.OldestRunning + after };
            var before = then with { OldestRunning = then.OldestRunning - TimeSpan.FromTicks(1) };

            Assert.True(LaunchRule.Decide(then).Start > 0, $"{pool} does not flip after {after.Ticks} ticks.");
            Assert.True(LaunchRule.Decide(before).Start == 0, $"{pool} flips before {after.Ticks} ticks.");
            Assert.Equal(TimeSpan.FromTicks(1), LaunchRule.Decide(before).FlipsAfter);
        }
        Assert.InRange(flips, 1000, 19_000);
    }

    [Theory]
    [InlineData("no container", 0, 0, null, null, null, 0)]
    [InlineData("the herd of a cold function", 0, 1, null, null, null, int.MaxValue)]
    [InlineData("as many as a start takes runs", 1, 0, 5.0, null, null, 100)]
    [InlineData("for each container", 2, 1, 5.0, null, null, 300)]
    [InlineData("slow", 4, 0, 2000.0, null, null, 1)]
    [InlineData("slower than a start for each container", 3, 0, 2000.0, null, null, 0)]
    [InlineData("behind an old call", 1, 0, 5.0, 501.0, null, 0)]
    [InlineData("as many containers as it may have", 2, 0, 2000.0, null, 2, int.MaxValue)]
    public void LinesUp_Pool_IsAsManyAsWaitNoLongerThanAStart(string what, int ready, int starting, double? service, double? oldest, int? max, int expected)
    {
        var pool = Snapshot(waiting: 1, ready, starting, Ms(service), Ms(oldest), TimeSpan.FromMilliseconds(500)) with { Max = max };

        Assert.True(expected == LaunchRule.LinesUp(pool), what);
        // What the rule itself makes of it: it starts one for the first that would be too many.
        if (expected is > 0 and < int.MaxValue && starting == 0)
        {
            Assert.Equal(0, LaunchRule.Decide(pool with { Waiting = expected }).Start);
            Assert.NotEqual(0, LaunchRule.Decide(pool with { Waiting = expected + 1 }).Start);
        }
    }

    private static LaunchSnapshot Snapshot(int waiting, int ready, int starting, TimeSpan? service, TimeSpan? oldest, TimeSpan start) => new()
    {
        Waiting = waiting,
        Ready = ready,
        Starting = starting,
        Service = service,
        OldestRunning = oldest,
        Start = start,
        Step = 64,
        Max = null,
    };

    private static TimeSpan? Ms(double? milliseconds) => milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null;

    private static TimeSpan Ticks(Random random, int most) => TimeSpan.FromTicks(random.Next(1, most));
}
