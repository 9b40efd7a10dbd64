using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>Whose container goes when memory is short: idle ones of other functions, and releases claimed from busy ones.</summary>
public sealed class EvictionTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Victims_MemoryIsShort_LeastRecentlyUsedGoesAndItsMemoryStaysReservedUntilItIsGone()
    {
        using var harness = new SlotHarness(budgetMiB: 192);
        FunctionSpec a = SlotHarness.Function("a"), b = SlotHarness.Function("b"), c = SlotHarness.Function("c"), cold = SlotHarness.Function("cold");
        var containers = WarmInTurn(harness, a, b, c);
        harness.Call(a).Release();
        harness.Advance(Second);

        var call = harness.Call(cold);

        Assert.Equal([false, true, false], containers.Select(container => container.IsRemoving));
        Assert.Empty(harness.Of(cold));
        Assert.Equal(harness.Ledger.Budget, harness.Ledger.Reserved);

        harness.Step(containers[1].FinishRemoval);
        Assert.Equal(harness.Ledger.Budget, harness.Ledger.Reserved);
        harness.FinishStart(cold);
        Assert.True(call.IsRunning);
        Assert.Equal(0, harness.Status(b).Stopping);
    }

    [Fact]
    public void Victims_OneIsNotEnough_AsManyAsItTakesAndTheRestBecomesFree()
    {
        using var harness = new SlotHarness(budgetMiB: 192);
        FunctionSpec a = SlotHarness.Function("a"), b = SlotHarness.Function("b"), c = SlotHarness.Function("c"), cold = SlotHarness.Function("cold", 96);
        var containers = WarmInTurn(harness, a, b, c);

        harness.Call(cold);
        Assert.Equal([true, true, false], containers.Select(container => container.IsRemoving));

        // It starts only when both are gone.
        harness.Step(containers[1].FinishRemoval);
        Assert.Equal(0, harness.Starting(cold));
        harness.Step(containers[0].FinishRemoval);
        Assert.Equal(1, harness.Starting(cold));
        Assert.Equal(c.MemoryBytes + cold.MemoryBytes, harness.Ledger.Reserved);
    }

    [Fact]
    public void Victims_FunctionsGoAndComeBack_EachTakesTheLeastRecentlyUsed()
    {
        using var harness = new SlotHarness(budgetMiB: 128);
        FunctionSpec[] functions = [.. Enumerable.Range(0, 5).Select(static index => SlotHarness.Function($"f{index}"))];
        for (var turn = 0; turn < 3 * functions.Length; turn++)
        {
            var call = harness.Call(functions[turn % functions.Length]);
            harness.Settle();
            Assert.True(call.IsRunning);
            call.Release();
            harness.Advance(Second);

            int[] last = turn == 0 ? [turn] : [turn, turn - 1];
            var there = functions.Where(function => harness.Of(function).Count > 0).Select(static function => function.FunctionName);
            Assert.Equal(last.Select(one => functions[one % functions.Length].FunctionName).Order(), there);
        }
    }

    [Fact]
    public void Victims_AllTogetherDoNotSuffice_NoneIsTaken()
    {
        using var harness = new SlotHarness(budgetMiB: 256);
        FunctionSpec a = SlotHarness.Function("a"), b = SlotHarness.Function("b");
        FunctionSpec busy = SlotHarness.Function("busy"), cold = SlotHarness.Function("cold", 192);
        var containers = WarmInTurn(harness, a, b);
        var running = harness.Busy(busy, containers: 2);
        harness.Advance(Second);

        harness.Call(cold);
        Assert.All(containers, container => Assert.False(container.IsRemoving));

        // What is short comes from the busy function; the idle ones give the rest, which is all they have.
        running[0].Release();
        Assert.True(running[0].Container.IsRemoving);
        Assert.False(running[1].Container.IsRemoving);
        harness.Step(running[0].Container.FinishRemoval);
        Assert.All(containers, container => Assert.True(container.IsRemoving));
        harness.Settle();
        Assert.Equal(1, harness.Status(cold).Busy);
    }

    [Fact]
    public void Victims_ForScaleOut_SpareWhatWasUsedLessThan100MillisecondsAgo()
    {
        using var harness = new SlotHarness(budgetMiB: 128);
        FunctionSpec slow = SlotHarness.Function("slow"), other = SlotHarness.Function("other");
        harness.Warm(slow, runs: 2 * Second);
        var victim = harness.Warm(other, runs: 2 * Second);
        harness.Call(slow);
        harness.Call(slow);
        Assert.Equal(1, harness.Dispatcher.Queued);

        harness.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(victim.IsRemoving);
        harness.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(victim.IsRemoving);
    }

    [Theory]
    [InlineData(999, true)]
    [InlineData(1000, false)]
    public void Victims_ForFirstContainer_SpareOnlyYoungOnesInUse(int ageMilliseconds, bool spared)
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var victim = harness.Warm(SlotHarness.Function("other"), runs: TimeSpan.FromMilliseconds(ageMilliseconds));

        harness.Call(SlotHarness.Function("cold"));
        Assert.Equal(!spared, victim.IsRemoving);

        harness.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(!spared, victim.IsRemoving);
        harness.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(victim.IsRemoving);
    }

    [Fact]
    public void Victims_BusyContainerBecomesIdle_IsTakenAtOnce()
    {
        using var harness = new SlotHarness(budgetMiB: 64, containers: new() { MinResidency = TimeSpan.Zero });
        var running = harness.Busy(SlotHarness.Function("other")).Single();
        var cold = SlotHarness.Function("cold");
        harness.Call(cold);

        running.Release();

        Assert.True(running.Container.IsRemoving);
        harness.Settle();
        Assert.Equal(1, harness.Status(cold).Busy);
    }

    [Fact]
    public void Victims_UnusedSlotIsReturned_ItsContainerIsTakenAtOnce()
    {
        using var harness = new SlotHarness(budgetMiB: 128, containers: new() { MinResidency = TimeSpan.Zero });
        var running = harness.Busy(SlotHarness.Function("other"), containers: 2);
        harness.Call(SlotHarness.Function("cold", 128));

        running[0].Release();
        harness.Settle();
        running[1].Return();

        Assert.True(running[1].Container.IsRemoving);
    }

    [Fact]
    public void Claim_AllBusyAndAFunctionHasNoContainer_TheNextReleaseGoesToTheEvictor()
    {
        using var harness = new SlotHarness(budgetMiB: 128);
        FunctionSpec busy = SlotHarness.Function("busy"), cold = SlotHarness.Function("cold");
        var running = harness.Busy(busy, containers: 2);
        HarnessCall[] waiting = [harness.Call(busy), harness.Call(busy)];
        harness.Advance(Second);
        var first = harness.Call(cold);

        running[0].Release();
        Assert.True(running[0].Container.IsRemoving);
        Assert.All(waiting, call => Assert.True(call.IsWaiting));

        // One is enough: while it is going, whatever happens beside, the others serve on.
        harness.Step(harness.Dispatcher.Pump);
        running[1].Release();
        Assert.Equal([true, false], waiting.Select(call => call.IsRunning));

        harness.Step(running[0].Container.FinishRemoval);
        Assert.Equal((0, 1), (harness.Starting(busy), harness.Starting(cold)));
        harness.FinishStart(cold);
        Assert.True(first.IsRunning);
    }

    [Fact]
    public void Claim_ContainerIsYoung_ServesItsFunctionOn()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        FunctionSpec busy = SlotHarness.Function("busy"), cold = SlotHarness.Function("cold");
        var running = harness.Busy(busy).Single();
        HarnessCall[] waiting = [harness.Call(busy), harness.Call(busy)];
        harness.Call(cold);

        harness.Advance(TimeSpan.FromMilliseconds(999));
        running.Release();
        Assert.True(waiting[0].IsRunning);
        harness.Advance(TimeSpan.FromMilliseconds(1));
        waiting[0].Release();
        Assert.True(running.Container.IsRemoving);
        Assert.True(waiting[1].IsWaiting);
    }

    [Fact]
    public void Claim_SeveralPools_TheOneThatHoldsTheMostMemoryGives()
    {
        using var harness = new SlotHarness(budgetMiB: 320);
        FunctionSpec small = SlotHarness.Function("small"), two = SlotHarness.Function("two", 128), cold = SlotHarness.Function("cold");
        var few = harness.Busy(small).Single();
        var many = harness.Busy(two, containers: 2);
        HarnessCall[] waiting = [harness.Call(small), harness.Call(two)];
        harness.Advance(Second);
        harness.Call(cold);

        few.Release();
        Assert.True(waiting[0].IsRunning);
        many[1].Release();
        Assert.True(many[1].Container.IsRemoving);
        Assert.True(waiting[1].IsWaiting);
    }

    [Fact]
    public void Claim_SeveralFunctionsWait_OneReleaseForEach()
    {
        using var harness = new SlotHarness(budgetMiB: 192);
        var busy = SlotHarness.Function("busy");
        var running = harness.Busy(busy, containers: 3);
        List<HarnessCall> waiting = [harness.Call(busy), harness.Call(busy), harness.Call(busy)];
        harness.Advance(Second);
        FunctionSpec[] cold = [SlotHarness.Function("cold1"), SlotHarness.Function("cold2")];
        foreach (var function in cold)
            harness.Call(function);

        foreach (var call in running)
            call.Release();

        Assert.Equal([true, true, false], running.Select(call => call.Container.IsRemoving));
        Assert.Equal([true, false, false], waiting.Select(call => call.IsRunning));
        harness.Settle();
        Assert.All(cold, function => Assert.Equal(1, harness.Status(function).Busy));
    }

    [Fact]
    public void Claim_WaiterLeaves_IsDropped()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var busy = SlotHarness.Function("busy");
        var running = harness.Busy(busy).Single();
        var waiting = harness.Call(busy);
        harness.Advance(Second);
        var leaving = harness.Call(SlotHarness.Function("cold"));

        leaving.Leave();
        running.Release();

        Assert.True(waiting.IsRunning);
        Assert.False(running.Container.IsRemoving);
    }

    [Fact]
    public void Claim_FunctionLostItsOnlyContainerWhileItAskedForMore_IsOneWithoutContainer()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        FunctionSpec a = SlotHarness.Function("a"), b = SlotHarness.Function("b");
        harness.Warm(a, runs: 2 * Second);
        var running = harness.Call(a);
        var waiting = harness.Call(a);
        Assert.Equal(1, harness.Dispatcher.Queued);

        // b, which has none, takes it …
        var other = harness.Call(b);
        running.Release();
        harness.Settle();
        Assert.True(other.IsRunning);
        harness.Call(b);
        harness.Advance(Second);

        // … and gives it back, though it has calls that wait.
        other.Release();
        Assert.True(other.Container.IsRemoving);
        harness.Settle();
        Assert.True(waiting.IsRunning);
    }

    [Fact]
    public void Claim_OneCallFunctionWhoseFirstIsOver_IsOneWithoutContainer()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        FunctionSpec busy = SlotHarness.Function("busy"), cold = SlotHarness.Function("cold", format: FunctionFormat.Default);
        var running = harness.Busy(busy).Single();
        harness.Advance(Second);
        HarnessCall[] calls = [harness.Call(cold), harness.Call(cold)];
        running.Release();
        harness.Settle();
        Assert.Equal([true, false], calls.Select(call => call.IsRunning));

        // The busy function is back before the second, and full of calls.
        var back = harness.Call(busy);
        calls[0].Release(keep: false);
        harness.Settle();
        Assert.True(back.IsRunning);
        harness.Call(busy);
        harness.Advance(Second);
        back.Release();
        harness.Settle();

        Assert.True(calls[1].IsRunning);
    }

    /// <summary>One idle container for each, used in this order a second apart.</summary>
    private static List<FakeContainer> WarmInTurn(SlotHarness harness, params FunctionSpec[] functions)
    {
        var containers = new List<FakeContainer>();
        foreach (var function in functions)
        {
            containers.Add(harness.Warm(function));
            harness.Advance(Second);
        }
        return containers;
    }
}
