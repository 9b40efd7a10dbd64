using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>When a pool starts containers, and what becomes of those that fail.</summary>
public sealed class SlotPoolStartTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly CallFailure Broken = new(CallError.InitializationFailed) { Detail = "it said why" };

    [Fact]
    public void Start_HerdOnAColdFunction_StartsOneContainer()
    {
        using var harness = new SlotHarness(budgetMiB: 4096, maxStarts: 16);
        var function = SlotHarness.Function("f");
        var calls = Enumerable.Range(0, 200).Select(_ => harness.Call(function)).ToList();
        harness.Advance(3 * Second);

        Assert.Equal(1, harness.Starting(function));
        harness.FinishStart(function);
        Assert.Single(calls, call => call.IsRunning);
        Assert.Same(calls[0], calls.Single(call => call.IsRunning));
    }

    [Fact]
    public void Start_HerdOnAFastFunctionThatHasRun_StaysWithOneContainer()
    {
        using var harness = new SlotHarness(budgetMiB: 4096, maxStarts: 16);
        var function = SlotHarness.Function("f", idleTimeout: 1);
        var first = harness.Warm(function, TimeSpan.FromMilliseconds(5));
        harness.Advance(Second);
        Assert.True(first.IsRemoving);
        var calls = Enumerable.Range(0, 20).Select(_ => harness.Call(function)).ToList();

        harness.FinishStart(function, after: TimeSpan.FromMilliseconds(100));
        foreach (var call in calls)
        {
            Assert.True(call.IsRunning);
            harness.Advance(TimeSpan.FromMilliseconds(5));
            call.Release();
        }

        Assert.Equal(2, harness.Status(function).Started);
        Assert.Equal(0, harness.Starting(function));
    }

    [Fact]
    public void Start_SlowFunction_GrowsInStepsThatDouble()
    {
        using var harness = new SlotHarness(budgetMiB: 16_384, maxStarts: 100);
        var function = SlotHarness.Function("f");
        harness.Warm(function, runs: 2 * Second);
        for (var i = 0; i < 100; i++)
            harness.Call(function);

        var steps = new List<int>();
        for (var round = 0; round < 5; round++)
        {
            var starting = harness.Of(function).FindAll(container => container.IsStarting);
            steps.Add(starting.Count);
            harness.Advance(TimeSpan.FromMilliseconds(100));
            harness.Step(() => starting.ForEach(container => container.FinishStart()));
        }

        Assert.Equal([1, 2, 4, 8, 16], steps);
    }

    [Fact]
    public void Start_NobodyWaitsAnyMore_TheNextLoadBeginsWithOneStep()
    {
        using var harness = new SlotHarness(budgetMiB: 16_384, maxStarts: 100);
        var function = SlotHarness.Function("f");
        harness.Warm(function, runs: 2 * Second);
        var calls = Enumerable.Range(0, 4).Select(_ => harness.Call(function)).ToList();
        harness.Settle();
        Assert.All(calls, call => Assert.True(call.IsRunning));
        Assert.Equal(4, harness.Of(function).Count);

        for (var i = 0; i < 50; i++)
            harness.Call(function);
        Assert.Equal(1, harness.Starting(function));
    }

    [Fact]
    public void Start_CallBehindALongRun_StartsAtTheInstantAtWhichAgeingFlipsTheRule()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f");
        harness.Warm(function, runs: TimeSpan.FromMilliseconds(5));
        harness.Call(function);
        harness.Call(function);

        harness.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(0, harness.Starting(function));
        harness.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, harness.Starting(function));
    }

    [Fact]
    public void Start_FastCallsAlwaysWait_StartsOneAfterAStartsTimeAndNoneForMemoryThatIsNotFree()
    {
        using var harness = new SlotHarness(budgetMiB: 192);
        FunctionSpec function = SlotHarness.Function("f"), other = SlotHarness.Function("other");
        harness.Warm(other, runs: TimeSpan.FromMilliseconds(5));
        harness.Warm(function, runs: TimeSpan.FromMilliseconds(5));
        List<HarnessCall> calls = [harness.Call(function), harness.Call(function), harness.Call(function)];

        // Three clients that call again at once: two of them wait, for 10 ms.
        AnswerFor(95);
        Assert.Equal(0, harness.Starting(function));
        AnswerFor(10);
        Assert.Equal(1, harness.Starting(function));
        harness.Settle();
        Assert.Equal(2, harness.Of(function).Count);

        // Four clients on two: what the other function has is left to it.
        calls.Add(harness.Call(function));
        AnswerFor(1000);
        Assert.Equal(2, harness.Of(function).Count);
        Assert.False(harness.Of(other).Single().IsRemoving);

        void AnswerFor(int milliseconds)
        {
            for (var i = 0; i < milliseconds / 5; i++)
            {
                harness.Advance(TimeSpan.FromMilliseconds(5));
                foreach (var call in calls.Where(static call => call.IsRunning).ToList())
                {
                    call.Release();
                    calls.Remove(call);
                    calls.Add(harness.Call(function));
                }
            }
        }
    }

    [Fact]
    public void Start_FunctionAsksForAMaximum_HasNoMore()
    {
        using var harness = new SlotHarness(budgetMiB: 16_384, maxStarts: 100);
        var function = SlotHarness.Function("f", maxContainers: 3);
        harness.Warm(function, runs: 2 * Second);
        for (var i = 0; i < 50; i++)
            harness.Call(function);
        for (var round = 0; round < 10; round++)
        {
            harness.Settle();
            harness.Advance(Second);
        }

        Assert.Equal(3, harness.Of(function).Count);
        Assert.Equal(3, harness.Status(function).Busy);
    }

    [Fact]
    public void Fail_NeverReady_AnswersEveryoneWhoWaitsAndHoldsOffLaterCalls()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f");
        var calls = Enumerable.Range(0, 3).Select(_ => harness.Call(function)).ToList();

        Fail(harness, function);
        Assert.All(calls, call => Assert.Equal(Broken with { RetryAfter = Second }, call.Grant.Failure));
        Assert.Equal(0, harness.Ledger.Reserved);

        harness.Advance(TimeSpan.FromMilliseconds(400));
        Assert.Equal(Broken with { RetryAfter = TimeSpan.FromMilliseconds(600) }, harness.Call(function).Grant.Failure);
        Assert.Empty(harness.Of(function));
    }

    [Fact]
    public void Fail_EngineTakesLongToRemoveWhatItTried_CallIsAnsweredAtOnceAndTheMemoryIsKept()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f");
        var call = harness.Call(function);

        var container = harness.FinishStart(function, failure: Broken);
        Assert.Equal(CallError.InitializationFailed, call.Grant.Failure?.Error);
        Assert.Equal(function.MemoryBytes, harness.Ledger.Reserved);

        harness.Step(container.FinishRemoval);
        Assert.Equal(0, harness.Ledger.Reserved);
    }

    [Fact]
    public void Fail_AgainAndAgain_HoldsOffForTwiceAsLongUpTo30Seconds()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f");
        foreach (var seconds in (int[])[1, 2, 4, 8, 16, 30, 30])
        {
            var call = harness.Call(function);
            Fail(harness, function);
            Assert.Equal(seconds * Second, call.Grant.Failure?.RetryAfter);
            harness.Advance(seconds * Second);
        }

        // And once it comes up, all is forgotten.
        var served = harness.Call(function);
        harness.FinishStart(function);
        Assert.True(served.IsRunning);
    }

    [Fact]
    public void Fail_SeveralStartsOfAOneCallFunctionAtOnce_AreOneFailure()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 3);
        var function = SlotHarness.Function("f", format: FunctionFormat.Default);
        var calls = Enumerable.Range(0, 5).Select(_ => harness.Call(function)).ToList();
        Assert.Equal(3, harness.Starting(function));

        for (var i = 0; i < 3; i++)
            Fail(harness, function);

        Assert.All(calls, call => Assert.Equal(Broken with { RetryAfter = Second }, call.Grant.Failure));
        Assert.Empty(harness.Of(function));
        Assert.Equal(Second, harness.Call(function).Grant.Failure?.RetryAfter);
    }

    [Fact]
    public void Fail_OnceItHasRun_OnlyTheLongestWaiterGetsIt()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f", idleTimeout: 1);
        harness.Warm(function);
        harness.Advance(Second);
        harness.Settle();
        var calls = Enumerable.Range(0, 3).Select(_ => harness.Call(function)).ToList();

        Fail(harness, function);
        Assert.Equal(Broken, calls[0].Grant.Failure);
        Assert.All(calls.Skip(1), call => Assert.True(call.IsWaiting));

        harness.FinishStart(function);
        Assert.True(calls[1].IsRunning);
    }

    [Fact]
    public void Fail_ImageCannotBeHad_IsSharedLikeAnyFailedStart()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var failure = new CallFailure(CallError.PullFailed) { Detail = "no such image", Status = 404 };
        harness.Driver.PullFailure = failure;
        var function = SlotHarness.Function("f");

        Assert.Equal(failure with { RetryAfter = Second }, harness.Call(function).Grant.Failure);
        Assert.Equal(failure with { RetryAfter = Second }, harness.Call(function).Grant.Failure);
        Assert.Equal(0, harness.Ledger.Reserved);
    }

    [Fact]
    public void Unready_ContainersEndInTheirFirstExchange_TheThirdAnswersEveryoneWhoWaits()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f", format: FunctionFormat.Http);
        var calls = Enumerable.Range(0, 10).Select(_ => harness.Call(function)).ToList();

        for (var started = 0; started < 3; started++)
        {
            Assert.All(calls[started..], call => Assert.True(call.IsWaiting));
            harness.FinishStart(function, after: TimeSpan.FromMilliseconds(10));
            calls[started].Release(keep: false, stillborn: true);
        }

        harness.Settle();
        var failure = new CallFailure(CallError.InitializationFailed) { RetryAfter = Second };
        Assert.All(calls[3..], call => Assert.Equal(failure, call.Grant.Failure));
        Assert.Equal(failure, harness.Call(function).Grant.Failure);
        Assert.Equal((3, 0), (harness.Status(function).Started, harness.Ledger.Reserved));
    }

    [Fact]
    public void Unready_ContainerEndsInItsFirstExchangeOnceOneHasAnswered_IsThatCallsMatter()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f", format: FunctionFormat.Http);
        harness.Warm(function);
        harness.Call(function).Release(keep: false);
        harness.Settle();

        for (var i = 0; i < 5; i++)
        {
            var call = harness.Call(function);
            harness.FinishStart(function, after: TimeSpan.FromMilliseconds(10));
            call.Release(keep: false, stillborn: true);
            harness.Settle();
        }

        Assert.True(harness.Call(function).IsWaiting);
    }

    [Fact]
    public void Unready_FirstExchange_CountsAsStart()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f", format: FunctionFormat.Http);
        var first = harness.Call(function);
        harness.FinishStart(function, after: TimeSpan.FromMilliseconds(10));
        var second = harness.Call(function);

        // It runs, but as far as is known it is still starting.
        Assert.True(first.IsRunning);
        Assert.Equal(1, harness.Dispatcher.Starting);
        harness.Advance(TimeSpan.FromMilliseconds(60));
        Assert.Equal(0, harness.Starting(function));

        first.Release();
        Assert.Equal(0, harness.Dispatcher.Starting);
        Assert.True(second.IsRunning);
        Assert.Equal(70, harness.Status(function).StartMs);
        Assert.Null(harness.Status(function).ServiceMs);
    }

    [Fact]
    public void Unready_FirstExchangeIsOverdue_IsARunAndOthersAreServedAboutAStartLater()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f", format: FunctionFormat.Http);
        harness.Call(function);
        harness.FinishStart(function, after: TimeSpan.FromMilliseconds(10));
        HarnessCall[] behind = [harness.Call(function), harness.Call(function)];

        var waited = TimeSpan.Zero;
        for (var tick = TimeSpan.FromMilliseconds(1); harness.Starting(function) == 0 && waited < Second; waited += tick)
            harness.Advance(tick);

        // The driver's usual 100 ms, and then as long as a start takes.
        Assert.InRange(waited, TimeSpan.FromMilliseconds(90), TimeSpan.FromMilliseconds(200));
        harness.FinishStart(function, after: TimeSpan.FromMilliseconds(10));
        Assert.True(behind[0].IsRunning);
        harness.Advance(TimeSpan.FromMilliseconds(5));
        behind[0].Release();
        Assert.True(behind[1].IsRunning);
    }

    [Fact]
    public void Unready_ContainerStoodIdleBeforeItsFirstCall_TheIdleTimeIsNeitherStartNorRun()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f", format: FunctionFormat.Http);
        var left = harness.Call(function);
        left.Leave();
        harness.FinishStart(function, after: TimeSpan.FromMilliseconds(10));
        harness.Advance(20 * Second);
        Assert.Equal(0, harness.Dispatcher.Starting);

        var call = harness.Call(function);
        harness.Advance(TimeSpan.FromMilliseconds(5));
        call.Release();

        Assert.Equal(5, harness.Status(function).ServiceMs);
        Assert.Equal(100, harness.Status(function).StartMs);
    }

    [Fact]
    public void OneCall_RunningCall_IsNotPartOfTheStart()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 1);
        var function = SlotHarness.Function("f", format: FunctionFormat.Default);
        var calls = Enumerable.Range(0, 8).Select(_ => harness.Call(function)).ToList();
        foreach (var call in calls)
        {
            harness.FinishStart(function, after: TimeSpan.FromMilliseconds(50));
            Assert.True(call.IsRunning);
        }

        // One start at a time, and yet all run at once.
        Assert.Equal(8, harness.Status(function).Busy);
        Assert.Equal(50, harness.Status(function).StartMs);
    }

    private static void Fail(SlotHarness harness, FunctionSpec function)
    {
        var container = harness.FinishStart(function, failure: Broken);
        harness.Step(container.FinishRemoval);
    }
}
