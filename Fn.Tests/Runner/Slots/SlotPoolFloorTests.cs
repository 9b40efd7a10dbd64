using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>Containers that are kept although nobody calls.</summary>
public sealed class SlotPoolFloorTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly CallFailure Broken = new(CallError.InitializationFailed) { Detail = "no such program" };

    private readonly FunctionSpec _function = SlotHarness.Function("f", idleTimeout: 30);

    [Fact]
    public void Keep_NothingRuns_ContainersAreReadyAndTheFirstCallIsHot()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 4);
        var state = harness.Keep(_function, 2, wait: 60 * Second);
        Assert.Equal(2, harness.Starting(_function));

        harness.FinishStart(_function);
        Assert.False(state.IsOver);
        harness.FinishStart(_function);
        Assert.Equal(new WarmState { Ready = 2 }, state.Result);
        Assert.Equal((2, 2), (harness.Status(_function).Idle, harness.Status(_function).Floor));

        var call = harness.Call(_function);
        Assert.True(call.IsRunning);
        Assert.False(call.Offer.Timeline.Cold);
        Assert.Equal(0, harness.Starting(_function));
    }

    [Fact]
    public void Keep_Call_CountsAndTheLaunchRuleGoesOnBeyondTheFloor()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 4);
        harness.Keep(_function, 1);
        harness.FinishStart(_function);

        var calls = harness.Busy(_function, containers: 2);
        Assert.Equal((false, true), (calls[0].Offer.Timeline.Cold, calls[1].Offer.Timeline.Cold));
        calls.ForEach(call => call.Release());

        // The surplus runs into its timeout, the rest stays.
        harness.Advance(31 * Second);
        harness.Settle();
        harness.Advance(3000 * Second);
        Assert.Equal(1, harness.Status(_function).Idle);
    }

    [Fact]
    public void Keep_LeaseOver_ContainersGo()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 4);
        harness.Keep(_function, 2, lease: 100 * Second);
        harness.Settle();

        harness.Advance(100 * Second - Tick);
        Assert.Equal(2, harness.Status(_function).Idle);
        harness.Keep(_function, 2, lease: 100 * Second);
        harness.Advance(100 * Second - Tick);
        Assert.Equal(2, harness.Status(_function).Idle);

        harness.Advance(Tick);
        harness.Settle();
        Assert.Equal((0, 0), (harness.Status(_function).Idle, harness.Status(_function).Floor));
        Assert.Equal(0, harness.Ledger.Reserved);
    }

    [Fact]
    public void Keep_Nothing_EndsTheWishAndLeavesTheIdleTimeout()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 4);
        harness.Keep(_function, 2);
        harness.FinishStart(_function);

        Assert.Equal(new WarmState { Ready = 1 }, harness.Keep(_function, 0, wait: Second).Result);
        harness.Settle();
        harness.Advance(30 * Second - Tick);
        Assert.Equal(2, harness.Status(_function).Idle);
        harness.Advance(Tick);
        Assert.Equal(2, harness.Status(_function).Stopping);
    }

    [Fact]
    public void Keep_MoreThanTheFunctionMayHave_IsItsMaximum()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 9);
        var function = SlotHarness.Function("f", maxContainers: 2);
        harness.Keep(function, 5);
        Assert.Equal((2, 2), (harness.Starting(function), harness.Status(function).Floor));
    }

    [Fact]
    public void Keep_FormatOfOneCall_KeepsNothing()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f", format: FunctionFormat.Default);
        Assert.Equal(new WarmState { Ready = 0 }, harness.Keep(function, 5, wait: Second).Result);
        Assert.Empty(harness.Of(function));
    }

    [Fact]
    public void Keep_StartFails_IsTriedAgainAfterGrowingPauses()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 4);
        var state = harness.Keep(_function, 1, wait: 60 * Second);
        harness.FinishStart(_function, failure: Broken);
        harness.Settle();
        Assert.Equal(new WarmState { Ready = 0, Failure = "InitializationFailed: no such program" }, state.Result);

        foreach (var pause in (int[])[1, 2, 4, 8, 16, 30, 30])
        {
            harness.Advance(pause * Second - Tick);
            Assert.Equal(0, harness.Starting(_function));
            harness.Advance(Tick);
            Assert.Equal(1, harness.Starting(_function));
            harness.FinishStart(_function, failure: Broken);
            harness.Settle();
        }
        harness.Advance(30 * Second);
        harness.FinishStart(_function);
        Assert.Equal(new WarmState { Ready = 1 }, harness.Keep(_function, 1).Result);
    }

    [Fact]
    public void Keep_StartFailsOfAFunctionThatHasRun_ACallThatWaitsGetsAStartOfItsOwn()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 4);
        harness.Warm(_function);
        harness.Advance(60 * Second);
        harness.Settle();
        harness.Keep(_function, 1);
        var call = harness.Call(_function);

        harness.FinishStart(_function, failure: Broken);
        Assert.True(call.IsWaiting);
        harness.FinishStart(_function);
        Assert.True(call.IsRunning);
    }

    [Fact]
    public void Ended_KeptContainer_IsReplacedButNotAgainAndAgain()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 4);
        harness.Keep(_function, 1);
        var first = harness.FinishStart(_function);
        harness.Call(_function).Release();

        harness.Step(() => first.End());
        Assert.Equal(1, harness.Starting(_function));
        var second = harness.FinishStart(_function);
        harness.Step(first.FinishRemoval);

        // One that ends before it has served a call does not stay up.
        harness.Step(() => second.End());
        Assert.Equal(0, harness.Starting(_function));
        Assert.NotNull(harness.Keep(_function, 1, wait: Second).Result.Failure);
        harness.Advance(Second);
        var third = harness.FinishStart(_function);

        // One that has been there for long just ended.
        harness.Advance(60 * Second);
        harness.Step(() => third.End());
        Assert.Equal(1, harness.Starting(_function));
    }

    [Fact]
    public void Call_KeptContainerIsBeingStarted_WaitsForThatAndIsCold()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 4);
        harness.Keep(_function, 1);
        var call = harness.Call(_function);
        Assert.Equal(1, harness.Starting(_function));
        harness.FinishStart(_function);
        Assert.True(call.IsRunning && call.Offer.Timeline.Cold);
        Assert.Single(harness.Driver.Containers);
    }

    [Fact]
    public void Call_StartAheadIsQueued_ItsOwnTakesThePlaceOfThat()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 2);
        FunctionSpec first = SlotHarness.Function("first"), second = SlotHarness.Function("second");
        harness.Call(first);
        harness.Call(second);
        harness.Keep(_function, 1);
        Assert.Equal(0, harness.Dispatcher.Queued);

        var call = harness.Call(_function);
        Assert.Equal(1, harness.Dispatcher.Queued);
        harness.FinishStart(first);
        harness.FinishStart(_function);
        Assert.True(call.IsRunning);
        Assert.Single(harness.Of(_function));
    }

    [Fact]
    public void Unready_FormatWithoutAReadySignal_IsReadyOnceAStartsTimeIsOver()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f", format: FunctionFormat.Http);
        var state = harness.Keep(function, 1, wait: 60 * Second);
        harness.FinishStart(function, after: 50 * Tick);
        Assert.False(state.IsOver);
        harness.Advance(50 * Tick);
        Assert.Equal(1, state.Result.Ready);
        Assert.Equal(0, harness.Dispatcher.Starting);
    }

    [Fact]
    public void Wait_NothingHappens_AnswersHowItIs()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var state = harness.Keep(_function, 1, wait: Second);
        harness.Advance(Second - Tick);
        Assert.False(state.IsOver);
        harness.Advance(Tick);
        Assert.Equal(new WarmState { Ready = 0 }, state.Result);
    }

    [Fact]
    public void Drain_KeptContainers_AreKeptNoMore()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 4);
        harness.Keep(_function, 1);
        var container = harness.FinishStart(_function);
        var waiting = harness.Keep(_function, 3, wait: 60 * Second);

        harness.Begin(harness.Engine.DrainAsync);
        Assert.True(waiting.Result.Draining);
        Assert.True(harness.Keep(_function, 3).Result.Draining);
        harness.Settle();
        harness.Step(() => container.End());
        Assert.Equal(0, harness.Starting(_function));
    }

    [Fact]
    public void Retirement_FloorThatNeverFits_PoolStaysAsLongAsItIsWished()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        FunctionSpec other = SlotHarness.Function("other");
        harness.Call(other);
        harness.FinishStart(other);
        harness.Keep(_function, 1, lease: TimeSpan.FromMinutes(20));
        harness.Advance(TimeSpan.FromMinutes(19));
        Assert.Contains(harness.Pools.All, pool => pool.Function == _function);

        harness.Advance(TimeSpan.FromMinutes(1));
        harness.Advance(TimeSpan.FromMinutes(10));
        Assert.DoesNotContain(harness.Pools.All, pool => pool.Function == _function);
    }
}
