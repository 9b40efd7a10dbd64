using Fn.Runner;
using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>How long calls may wait, and which are not even queued.</summary>
public sealed class SlotPoolLimitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly CallFailure TimedOut = new(CallError.QueueTimedOut) { Limit = "Fn:Calls:QueueTimeout=10s" };

    /// <summary>Queue timeout 10 s; starts may take long.</summary>
    private readonly CallOptions _calls = new() { QueueTimeout = 10 * Second };
    private readonly ContainerOptions _slowStarts = new() { CreateTimeout = TimeSpan.FromMinutes(10) };

    [Theory]
    [InlineData(3600, 10)]
    [InlineData(4, 4)]
    public void Wait_NoSlotWithinTheLimit_FailsAndNamesIt(int offeredSeconds, int expectedSeconds)
    {
        using var harness = new SlotHarness(budgetMiB: 64, calls: _calls);
        var function = SlotHarness.Function("f");
        harness.Busy(function);
        var call = harness.Call(function, TimeSpan.FromSeconds(offeredSeconds));

        harness.Advance(expectedSeconds * Second - Tick);
        Assert.True(call.IsWaiting);
        harness.Advance(Tick);
        Assert.Equal(TimedOut, call.Grant.Failure);
        Assert.Equal(0, harness.Queue.Waiting);
    }

    [Fact]
    public void Wait_CallsCameOneAfterTheOther_EachHasTheWholeLimit()
    {
        using var harness = new SlotHarness(budgetMiB: 64, calls: _calls);
        var function = SlotHarness.Function("f");
        harness.Busy(function);
        var first = harness.Call(function);
        harness.Advance(3 * Second);
        var second = harness.Call(function);

        harness.Advance(7 * Second);
        Assert.Equal((false, true), (first.IsWaiting, second.IsWaiting));
        harness.Advance(3 * Second - Tick);
        Assert.True(second.IsWaiting);
        harness.Advance(Tick);
        Assert.Equal(TimedOut, second.Grant.Failure);
    }

    [Theory]
    [InlineData("the start budget", 1024, 1)]
    [InlineData("memory", 64, 2)]
    public void Wait_ForWhatAStartNeeds_Counts(string what, int budgetMiB, int maxStarts)
    {
        using var harness = new SlotHarness(budgetMiB, maxStarts, _calls, _slowStarts);
        harness.Call(SlotHarness.Function("other"));
        var function = SlotHarness.Function("f");
        var call = harness.Call(function);

        harness.Advance(10 * Second - Tick);
        Assert.True(call.IsWaiting, what);
        harness.Advance(Tick);
        Assert.Equal(TimedOut, call.Grant.Failure);
        Assert.Equal(0, harness.Dispatcher.Queued);
    }

    [Theory]
    [InlineData(FunctionFormat.HttpStream)]
    [InlineData(FunctionFormat.Default)]
    public void Wait_WhileTheFirstContainerIsPulledAndStarted_DoesNotCount(string format)
    {
        using var harness = new SlotHarness(budgetMiB: 64, calls: _calls, containers: _slowStarts);
        harness.Driver.Pull = new();
        var function = SlotHarness.Function("f", format: format);
        var call = harness.Call(function);

        harness.Advance(60 * Second);
        harness.Step(() => harness.Driver.Pull.SetResult(null));
        Assert.True(call.IsWaiting);
        harness.FinishStart(function, after: 60 * Second);
        Assert.True(call.IsRunning);
    }

    [Fact]
    public void Wait_WhileTheCallsOwnContainerIsStarted_DoesNotCountThoughOthersRun()
    {
        using var harness = new SlotHarness(budgetMiB: 128, calls: _calls, containers: _slowStarts);
        var function = SlotHarness.Function("f", format: FunctionFormat.Default);
        harness.Busy(function);
        var call = harness.Call(function);

        harness.Advance(60 * Second);
        Assert.True(call.IsWaiting);
        harness.FinishStart(function);
        Assert.True(call.IsRunning);
    }

    [Fact]
    public void Wait_BeforeAndAfterTheFirstStart_CountsTogether()
    {
        using var harness = new SlotHarness(budgetMiB: 64, calls: _calls, containers: _slowStarts);
        var other = harness.Busy(SlotHarness.Function("other")).Single();
        var function = SlotHarness.Function("f");
        var first = harness.Call(function);
        var second = harness.Call(function);

        harness.Advance(6 * Second);
        other.Release(keep: false);
        harness.Step(other.Container.FinishRemoval);
        harness.FinishStart(function, after: 60 * Second);
        Assert.True(first.IsRunning);

        harness.Advance(4 * Second - Tick);
        Assert.True(second.IsWaiting);
        harness.Advance(Tick);
        Assert.Equal(TimedOut, second.Grant.Failure);
    }

    [Fact]
    public void Now_SlotIsFree_TakesIt()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f");
        harness.Warm(function);

        Assert.True(harness.Call(function, wait: null).IsRunning);
    }

    [Theory]
    [InlineData("the first container, with memory", FunctionFormat.HttpStream, 128, 0, true)]
    [InlineData("the first container, without memory", FunctionFormat.HttpStream, 64, 0, false)]
    [InlineData("its own container, with memory", FunctionFormat.Default, 128, 0, true)]
    [InlineData("its own container, without memory", FunctionFormat.Default, 64, 0, false)]
    [InlineData("the first container, which others wait for memory for", FunctionFormat.HttpStream, 64, 1, false)]
    [InlineData("the first container, which is being started", FunctionFormat.HttpStream, 128, 1, true)]
    public void Now_FunctionWithoutContainer_IsRefusedOnlyWhenAStartWouldWaitForMemory(string what, string format, int budgetMiB, int before, bool taken)
    {
        using var harness = new SlotHarness(budgetMiB);
        harness.Busy(SlotHarness.Function("other"));
        var function = SlotHarness.Function("f", format: format);
        for (var i = 0; i < before; i++)
            harness.Call(function);

        AssertTaken(taken, harness.Call(function, wait: null), what);
    }

    [Theory]
    [InlineData("fast, without memory: lines up", 5, 64, 0, null, true)]
    [InlineData("slow, without memory", 2000, 64, 0, null, false)]
    [InlineData("slow, with memory: starts", 2000, 128, 0, null, true)]
    [InlineData("slow, with another's idle container: starts", 2000, 128, 1, null, true)]
    [InlineData("slow, with as many containers as it wants: lines up", 2000, 64, 0, 1, true)]
    public void Now_AllContainersBusy_IsRefusedOnlyWhenAStartWouldWaitForMemory(string what, int runs, int budgetMiB, int idleOthers, int? max, bool taken)
    {
        using var harness = new SlotHarness(budgetMiB);
        var function = SlotHarness.Function("f", maxContainers: max);
        harness.Warm(function, TimeSpan.FromMilliseconds(runs));
        for (var i = 0; i < idleOthers; i++)
            harness.Warm(SlotHarness.Function($"other{i}"));
        harness.Advance(Second);
        harness.Call(function);

        AssertTaken(taken, harness.Call(function, wait: null), what);
    }

    [Fact]
    public void Predict_WaitWouldExceedTheLimit_IsRefusedAtOnceWithThePrediction()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, calls: _calls);
        var function = SlotHarness.Function("f", maxContainers: 1);
        harness.Warm(function, runs: 4 * Second);
        Assert.True(harness.Call(function).IsRunning);
        Assert.True(harness.Call(function).IsWaiting);
        Assert.True(harness.Call(function).IsWaiting);

        var refused = harness.Call(function);

        Assert.Equal(TimedOut with { RetryAfter = 12 * Second }, refused.Grant.Failure);
        Assert.Equal(2, harness.Queue.Waiting);
    }

    [Fact]
    public void Predict_ThereIsMemoryForMoreContainers_CountsThem()
    {
        using var harness = new SlotHarness(budgetMiB: 256, calls: _calls);
        var function = SlotHarness.Function("f");
        harness.Warm(function, runs: 4 * Second);
        Assert.True(harness.Call(function).IsRunning);
        // There is one container and there could be three more: together they serve a call a second.
        for (var i = 0; i < 10; i++)
            Assert.True(harness.Call(function).IsWaiting);

        Assert.Equal(TimedOut with { RetryAfter = 11 * Second }, harness.Call(function).Grant.Failure);
    }

    [Fact]
    public void Predict_OtherFunctionsHaveIdleContainers_CountsWhatTheirMemoryIsGoodFor()
    {
        using var harness = new SlotHarness(budgetMiB: 256, calls: _calls);
        var function = SlotHarness.Function("f");
        for (var i = 0; i < 3; i++)
            harness.Warm(SlotHarness.Function($"other{i}"));
        harness.Warm(function, runs: 4 * Second);
        Assert.Equal(0, harness.Dispatcher.FreeMemory);
        Assert.True(harness.Call(function).IsRunning);
        for (var i = 0; i < 10; i++)
            Assert.True(harness.Call(function).IsWaiting);

        Assert.Equal(TimedOut with { RetryAfter = 11 * Second }, harness.Call(function).Grant.Failure);
    }

    [Fact]
    public void Predict_StartsWaitForMemory_DoesNotCountThem()
    {
        using var harness = new SlotHarness(budgetMiB: 128, calls: _calls);
        var function = SlotHarness.Function("f");
        harness.Busy(SlotHarness.Function("other"));
        harness.Warm(function, runs: 4 * Second);
        Assert.True(harness.Call(function).IsRunning);
        Assert.True(harness.Call(function).IsWaiting);
        Assert.True(harness.Call(function).IsWaiting);
        Assert.NotEqual(0, harness.Dispatcher.Queued);

        Assert.Equal(TimedOut with { RetryAfter = 12 * Second }, harness.Call(function).Grant.Failure);
    }

    [Fact]
    public void MaxQueued_MoreWouldWait_FailsAtOnceAndNamesTheLimit()
    {
        using var harness = new SlotHarness(budgetMiB: 64, calls: new CallOptions { MaxQueued = 2 });
        var (function, other) = (SlotHarness.Function("f"), SlotHarness.Function("other"));
        var running = harness.Busy(function).Single();
        HarnessCall[] waiting = [harness.Call(function), harness.Call(other)];

        var over = harness.Call(function);
        Assert.Equal(new CallFailure(CallError.QueueFull) { Limit = "Fn:Calls:MaxQueued=2" }, over.Grant.Failure);

        waiting[1].Leave();
        Assert.True(harness.Call(function).IsWaiting);
        running.Release();
        Assert.True(waiting[0].IsRunning);
    }

    private static void AssertTaken(bool taken, HarnessCall call, string what)
    {
        Assert.True(taken == call.IsWaiting, what);
        if (!taken)
            Assert.Equal(NotPlacedReason.Full, call.Grant.Refused);
    }
}
