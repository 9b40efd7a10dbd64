using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>Calls that were to be taken now, waited, and are refused after all, because there is no memory for the containers that they would need.</summary>
public sealed class SlotPoolElsewhereTests
{
    private static readonly TimeSpan StartTime = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Surplus_HerdOfAColdFunction_StaysUntilItsFirstContainerShowsThatThereIsNoMemoryForMore()
    {
        using var harness = new SlotHarness(budgetMiB: 128);
        var function = SlotHarness.Function("f");
        var calls = Now(harness, function, 10);
        Assert.All(calls, call => Assert.True(call.IsWaiting));

        harness.FinishStart(function, StartTime);
        Assert.All(calls[1..], call => Assert.True(call.IsWaiting));
        harness.FinishStart(function, StartTime);

        // Two run. As far as is known a run takes as long as a start: one may wait for each.
        Assert.All(calls[..2], call => Assert.True(call.IsRunning));
        Assert.All(calls[2..4], call => Assert.True(call.IsWaiting));
        Assert.All(calls[4..], call => Assert.Equal(NotPlacedReason.Full, call.Grant.Refused));
        Assert.Equal(2, harness.Queue.Waiting);
    }

    [Fact]
    public void Surplus_CallsThatMayWaitAndDetachedOnes_Stay()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f");
        var running = harness.Call(function, wait: null);
        HarnessCall[] patient = [harness.Call(function), harness.Call(function, wait: null, detached: true), harness.Call(function)];
        var last = harness.Call(function, wait: null);

        harness.FinishStart(function, StartTime);

        Assert.True(running.IsRunning);
        Assert.All(patient, call => Assert.True(call.IsWaiting));
        Assert.Equal(NotPlacedReason.Full, last.Grant.Refused);
    }

    [Fact]
    public void Surplus_RunGetsOlderThanAStart_IsRefusedAtThatInstant()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f");
        harness.Warm(function, TimeSpan.FromMilliseconds(5));
        harness.Call(function, wait: null);
        var behind = harness.Call(function, wait: null);

        harness.Advance(StartTime);
        Assert.True(behind.IsWaiting);
        harness.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(NotPlacedReason.Full, behind.Grant.Refused);
        Assert.Equal((0, 0), (harness.Queue.Waiting, harness.Dispatcher.Queued));
    }

    [Fact]
    public void Surplus_ThereIsMemory_NobodyIsRefused()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 1);
        var function = SlotHarness.Function("f");
        var calls = Now(harness, function, 10);

        for (var started = 0; started < 10; started++)
        {
            harness.FinishStart(function, StartTime);
            Assert.All(calls[..(started + 1)], call => Assert.True(call.IsRunning));
            Assert.All(calls[(started + 1)..], call => Assert.True(call.IsWaiting));
            harness.Advance(StartTime);
        }
    }

    [Fact]
    public void Surplus_OneCallFunction_IsRefusedWhenItsStartFindsNoMemory()
    {
        using var harness = new SlotHarness(budgetMiB: 128, maxStarts: 1);
        var function = SlotHarness.Function("f", format: FunctionFormat.Default);
        // All of them find memory, but only one may start.
        var calls = Now(harness, function, 3);

        harness.FinishStart(function, StartTime);
        Assert.Equal((true, true, true), (calls[0].IsRunning, calls[1].IsWaiting, calls[2].IsWaiting));
        harness.FinishStart(function, StartTime);

        Assert.True(calls[1].IsRunning);
        Assert.Equal(NotPlacedReason.Full, calls[2].Grant.Refused);
    }

    private static HarnessCall[] Now(SlotHarness harness, FunctionSpec function, int calls) =>
        [.. Enumerable.Range(0, calls).Select(_ => harness.Call(function, wait: null))];
}
