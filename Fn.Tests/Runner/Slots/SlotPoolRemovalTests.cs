using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>How containers leave a pool, and the pool itself.</summary>
public sealed class SlotPoolRemovalTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Retirement = TimeSpan.FromMinutes(10);

    [Fact]
    public void IdleTimeout_Idle_ItsContainerGoesAndItsMemoryWithIt()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f", idleTimeout: 30);
        var container = harness.Warm(function);

        harness.Advance(30 * Second - Tick);
        Assert.False(container.IsRemoving);
        harness.Advance(Tick);
        Assert.True(container.IsRemoving);
        Assert.Equal((0, 1), (harness.Status(function).Idle, harness.Status(function).Stopping));

        Assert.Equal(function.MemoryBytes, harness.Ledger.Reserved);
        harness.Step(container.FinishRemoval);
        Assert.Equal(0, harness.Ledger.Reserved);
        Assert.Equal(0, harness.Status(function).Stopping);
    }

    [Fact]
    public void IdleTimeout_UsedAgain_StartsWhenItBecomesIdle()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f", idleTimeout: 30);
        var container = harness.Warm(function);
        harness.Advance(29 * Second);

        var call = harness.Call(function);
        harness.Advance(300 * Second);
        Assert.False(container.IsRemoving);
        call.Release();

        harness.Advance(30 * Second - Tick);
        Assert.False(container.IsRemoving);
        harness.Advance(Tick);
        Assert.True(container.IsRemoving);
    }

    [Fact]
    public void IdleTimeout_SurplusContainers_RunIntoIt()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f", idleTimeout: 10);
        var calls = harness.Busy(function, containers: 3);
        calls.ForEach(call => call.Release());

        for (var i = 0; i < 20; i++)
        {
            harness.Advance(Second);
            harness.Call(function).Release();
        }

        // One at a time is needed, and it is always the last used.
        Assert.Equal([true, true, false], calls.Select(call => call.Container.IsRemoving));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Unusable_WhileIdle_IsDiscardedAndTheNextCallGetsAnother(bool ends)
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f");
        var call = harness.Call(function);
        var container = harness.FinishStart(function);
        var channel = (FakeChannel)call.Grant.Container!.Channel;
        call.Release();

        harness.Step(() =>
        {
            if (ends)
                container.End();
            else
                channel.Break();
        });
        Assert.True(container.IsRemoving);

        var next = harness.Call(function);
        Assert.True(next.IsWaiting);
        harness.FinishStart(function);
        Assert.True(next.IsRunning);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Unusable_WhileBusy_IsDiscardedOnReleaseAndTheWaiterGetsAnother(bool ends)
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f");
        var call = harness.Busy(function).Single();
        var waiting = harness.Call(function);

        harness.Step(() =>
        {
            if (ends)
                call.Container.End();
            else
                ((FakeChannel)call.Grant.Container!.Channel).Break();
        });
        Assert.False(call.Container.IsRemoving);
        call.Release();

        Assert.True(call.Container.IsRemoving);
        Assert.True(waiting.IsWaiting);
        harness.FinishStart(function);
        Assert.True(waiting.IsRunning);
    }

    [Fact]
    public void Unusable_EndedWhileItStarted_IsNotKept()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f");
        harness.Call(function).Leave();
        var container = harness.Of(function).Single();

        harness.Step(() =>
        {
            container.End();
            container.FinishStart();
        });

        Assert.True(container.IsRemoving);
        Assert.Equal(0, harness.Status(function).Idle);
    }

    [Fact]
    public void Release_NotToBeKept_TheWaiterGetsAnother()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f");
        var call = harness.Busy(function).Single();
        var waiting = harness.Call(function);

        call.Release(keep: false);

        Assert.True(call.Container.IsRemoving);
        harness.FinishStart(function);
        Assert.True(waiting.IsRunning);
    }

    [Fact]
    public void Drain_CallsWait_RefusesThemButNotDetachedOnes()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f");
        var running = harness.Busy(function).Single();
        var waiting = harness.Call(function);
        var detached = harness.Call(function, wait: TimeSpan.FromHours(1), detached: true);

        harness.Step(harness.Pool(function).Drain);
        Assert.Equal(NotPlacedReason.Draining, waiting.Grant.Refused);
        Assert.True(detached.IsWaiting);
        Assert.True(running.IsRunning);
        Assert.Equal(NotPlacedReason.Draining, harness.Call(function).Grant.Refused);

        running.Release();
        Assert.True(detached.IsRunning);
    }

    [Fact]
    public void Drain_OnlyOthersWaited_DropsTheirStart()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        harness.Busy(SlotHarness.Function("other"));
        var function = SlotHarness.Function("f");
        harness.Call(function);
        Assert.Equal(1, harness.Dispatcher.Queued);

        harness.Step(harness.Pool(function).Drain);

        Assert.Equal(0, harness.Dispatcher.Queued);
        Assert.Equal(0, harness.Queue.Waiting);
    }

    [Fact]
    public void Close_AnyState_EndsEveryContainerThatServesNoCall()
    {
        using var harness = new SlotHarness(budgetMiB: 192, maxStarts: 1);
        var function = SlotHarness.Function("f");
        var calls = harness.Busy(function, containers: 2);
        var detached = harness.Call(function, wait: TimeSpan.FromHours(1), detached: true);
        harness.Advance(Second);
        Assert.Equal(1, harness.Starting(function));
        var containers = harness.Of(function);
        calls[0].Release();
        Assert.True(detached.IsRunning);
        detached.Release();

        harness.Step(harness.Pool(function).Close);

        Assert.Equal(containers.Select(container => container != calls[1].Container), containers.Select(container => container.IsRemoving));
        Assert.True(harness.Call(function).Grant.Refused is NotPlacedReason.Draining);
        calls[1].Release();
        Assert.True(calls[1].Container.IsRemoving);
        harness.Settle();
        Assert.Equal(0, harness.Ledger.Reserved);
        Assert.Equal(0, harness.Dispatcher.Starting);
    }

    [Fact]
    public void Close_StartsWait_AreDropped()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        harness.Busy(SlotHarness.Function("other"));
        var function = SlotHarness.Function("f");
        var detached = harness.Call(function, wait: TimeSpan.FromHours(1), detached: true);

        harness.Step(harness.Pool(function).Close);

        Assert.Equal(NotPlacedReason.Draining, detached.Grant.Refused);
        Assert.Equal(0, harness.Dispatcher.Queued);
        Assert.Equal(0, harness.Queue.Waiting);
    }

    [Fact]
    public void Retire_EmptyFor10Minutes_IsForgotten()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f", idleTimeout: 30);
        var container = harness.Warm(function);
        var pool = harness.Pool(function);
        harness.Advance(30 * Second);
        harness.Step(container.FinishRemoval);

        harness.Advance(Retirement - Tick);
        Assert.Same(pool, harness.Pool(function));
        harness.Advance(Tick);
        Assert.Empty(harness.Pools.All);

        // A call that had looked it up before has to look again.
        Assert.False(pool.TryAcquire(SlotHarness.Offer(harness.Time, function, null), CancellationToken.None, out _));
        Assert.NotSame(pool, harness.Pool(function));
    }

    [Fact]
    public void Retire_NeverUsed_IsForgotten()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        harness.Busy(SlotHarness.Function("other", idleTimeout: 3600));
        var function = SlotHarness.Function("f");
        Assert.Equal(NotPlacedReason.Full, harness.Call(function, wait: null).Grant.Refused);
        Assert.Equal(2, harness.Pools.All.Count());

        harness.Advance(Retirement);

        Assert.Single(harness.Pools.All);
    }

    [Fact]
    public void Retire_UsedMeanwhile_StartsAnew()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f", idleTimeout: 3600);
        var pool = harness.Pool(function);
        harness.Advance(Retirement - Second);
        var container = harness.Warm(function);

        // Not while it has a container, be it idle for long.
        harness.Advance(TimeSpan.FromMinutes(59));
        Assert.Same(pool, harness.Pool(function));

        harness.Advance(TimeSpan.FromMinutes(1));
        harness.Step(container.FinishRemoval);
        harness.Advance(Retirement - Tick);
        Assert.Same(pool, harness.Pool(function));
        harness.Advance(Tick);
        Assert.Empty(harness.Pools.All);
    }
}
