using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>What calls are told of the start that they waited for.</summary>
public sealed class StartReasonsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void StartReason_FirstCallOfColdFunction_SaysThatItIsTheFirst()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("a");

        var first = harness.Call(function);
        var second = harness.Call(function);
        harness.FinishStart(function);
        first.Release();

        Assert.Equal("first container: 1 waiting, 0 ready, 0 starting", first.Offer.Timeline.StartReason);
        Assert.Null(first.Offer.Timeline.EvictionReason);
        // It got a container that had served a call.
        Assert.True(second.IsRunning);
        Assert.Null(second.Offer.Timeline.StartReason);
    }

    [Fact]
    public void StartReason_ScaleOut_TellsWhatTheRuleSaw()
    {
        using var harness = new SlotHarness(budgetMiB: 256);
        var function = SlotHarness.Function("a");
        harness.Warm(function, runs: 2 * Second);

        harness.Call(function);
        var waiting = harness.Call(function);
        harness.FinishStart(function);

        Assert.True(waiting.Offer.Timeline.Cold);
        Assert.Equal("waiting 2000 ms takes longer than starting 100 ms: 1 waiting, 1 ready, 0 starting, 2000 ms a call, step 1", waiting.Offer.Timeline.StartReason);
    }

    [Fact]
    public void StartReason_FastCallsAlwaysWait_TellsForHowLong()
    {
        using var harness = new SlotHarness(budgetMiB: 256);
        var function = SlotHarness.Function("a");
        harness.Warm(function, runs: TimeSpan.FromMilliseconds(5));
        List<HarnessCall> calls = [harness.Call(function), harness.Call(function), harness.Call(function)];
        for (var i = 0; i < 22; i++)
        {
            harness.Advance(TimeSpan.FromMilliseconds(5));
            calls.First(static call => call.IsRunning).Release();
            calls.Add(harness.Call(function));
        }
        harness.FinishStart(function);

        var served = calls.Single(static call => call.Offer.Timeline.StartReason is { } reason && reason.StartsWith("calls", StringComparison.Ordinal));
        Assert.Equal(
            "calls have been waiting for 105 ms, one after the other, starting takes 100 ms: 2 waiting, 1 ready, 0 starting, 5 ms a call, step 1",
            served.Offer.Timeline.StartReason);
    }

    [Fact]
    public void StartReason_FormatOfOneCall_NamesNoRule()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("a", format: FunctionFormat.Default);

        var call = harness.Call(function);
        harness.FinishStart(function);

        Assert.Equal("a container for this call alone", call.Offer.Timeline.StartReason);
    }

    [Fact]
    public void StartReason_StartFails_IsToldToAllWhoWaited()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("a");
        var calls = new[] { harness.Call(function), harness.Call(function) };

        harness.FinishStart(function, failure: new CallFailure(CallError.StartFailed));

        Assert.All(calls, call => Assert.Equal(CallError.StartFailed, call.Grant.Failure?.Error));
        Assert.All(calls, call => Assert.Equal("first container: 1 waiting, 0 ready, 0 starting", call.Offer.Timeline.StartReason));
    }

    [Theory]
    [InlineData("idle", "idle")]
    [InlineData("праздный", "b")]
    [InlineData("a;b", "b")]
    public void EvictionReason_IdleContainerWent_NamesItInAscii(string name, string said)
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var idle = new FunctionSpec
        {
            FunctionId = "b",
            FunctionName = name,
            AppId = "app",
            AppName = "app",
            Image = "fake:image",
            Format = FunctionFormat.HttpStream,
            MemoryMiB = 64,
            TimeoutSeconds = 30,
            IdleTimeoutSeconds = 30,
            Config = new Dictionary<string, string>(),
            Annotations = new Dictionary<string, string>(),
        };
        var cold = SlotHarness.Function("cold");
        var victim = harness.Warm(idle);
        harness.Advance(12 * Second);

        var call = harness.Call(cold);
        harness.Step(victim.FinishRemoval);
        harness.FinishStart(cold);

        Assert.Equal($"evicted fn {said} container {victim.Id} idle 12 s, least recently used, for 64 MiB", call.Offer.Timeline.EvictionReason);
    }

    [Fact]
    public void EvictionReason_AllBusy_NamesTheContainerThatWasTakenAfterItsCall()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        FunctionSpec busy = SlotHarness.Function("busy"), cold = SlotHarness.Function("cold");
        var running = harness.Busy(busy)[0];
        harness.Advance(Second);
        var call = harness.Call(cold);

        running.Release();
        harness.Step(running.Container.FinishRemoval);
        harness.FinishStart(cold);

        Assert.Equal(
            $"took fn busy container {running.Container.Id} after its call, its function held the most memory and none was idle, for 64 MiB",
            call.Offer.Timeline.EvictionReason);
    }
}
