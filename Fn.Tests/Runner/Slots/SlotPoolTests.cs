using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>Slots and waiters: who gets which container, and who may wait.</summary>
public sealed class SlotPoolTests
{
    [Fact]
    public void TryAcquire_SeveralIdle_TakesTheLastUsed()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f");
        var calls = harness.Busy(function, containers: 3);
        foreach (var i in (int[])[0, 2, 1])
            calls[i].Release();

        Assert.Equal([calls[1].Container, calls[2].Container, calls[0].Container], Enumerable.Range(0, 3).Select(_ => harness.Call(function).Container));
    }

    [Fact]
    public void Release_CallsWait_TheLongestWaiterGetsTheSlot()
    {
        using var harness = new SlotHarness(budgetMiB: 1024);
        var function = SlotHarness.Function("f", maxContainers: 1);
        var running = harness.Busy(function).Single();
        var waiting = Enumerable.Range(0, 5).Select(_ => harness.Call(function)).ToList();
        Assert.Equal(5, harness.Queue.Waiting);

        foreach (var next in waiting)
        {
            Assert.True(next.IsWaiting);
            running.Release();
            Assert.True(next.IsRunning);
            Assert.Same(running.Container, next.Container);
            running = next;
        }
        Assert.Equal(0, harness.Queue.Waiting);
    }

    [Fact]
    public void Return_UnusedFirstSlot_TheNextCallIsTheFirstOfTheContainer()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f");
        var unused = harness.Call(function);
        var waiting = harness.Call(function);
        harness.FinishStart(function);

        unused.Return();

        Assert.True(waiting.IsRunning);
        Assert.True(waiting.Offer.Timeline.Cold);
        Assert.Equal(1, waiting.Grant.Container!.Calls);
    }

    [Fact]
    public void Leave_WaitingCall_FreesItsPlaceAtOnce()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f");
        var running = harness.Busy(function).Single();
        HarnessCall[] waiting = [harness.Call(function), harness.Call(function)];

        waiting[0].Leave();
        Assert.Equal(CallError.ClientLeft, waiting[0].Grant.Failure?.Error);
        Assert.Equal(1, harness.Queue.Waiting);

        running.Release();
        Assert.True(waiting[1].IsRunning);
    }

    [Fact]
    public void Leave_AfterTheSlotWasTaken_ChangesNothing()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f");
        var call = harness.Call(function);
        harness.FinishStart(function);

        call.Leave();

        Assert.True(call.IsRunning);
        Assert.Equal(0, harness.Queue.Waiting);
    }

    [Fact]
    public void Leave_CallOfAOneCallFunctionWhileItsContainerStarts_TheContainerServesNobody()
    {
        using var harness = new SlotHarness(budgetMiB: 128);
        var function = SlotHarness.Function("f", format: FunctionFormat.Default);
        HarnessCall[] calls = [harness.Call(function), harness.Call(function)];
        Assert.Equal(2, harness.Starting(function));

        calls[0].Leave();
        var container = harness.FinishStart(function);

        Assert.True(container.IsRemoving);
        Assert.True(calls[1].IsWaiting);
        Assert.Equal(1, harness.Dispatcher.Starting);
        harness.Step(container.FinishRemoval);
        Assert.Equal(function.MemoryBytes, harness.Ledger.Reserved);
        harness.FinishStart(function);
        Assert.True(calls[1].IsRunning);
    }

    [Fact]
    public void Release_OneCallFunction_TheContainerGoesAndTheNextCallGetsItsOwn()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f", format: FunctionFormat.Default);
        var call = harness.Call(function);
        harness.FinishStart(function);
        var next = harness.Call(function);

        call.Release(keep: false);
        Assert.True(call.Container.IsRemoving);
        Assert.True(next.IsWaiting);

        harness.Settle();
        Assert.True(next.IsRunning);
        Assert.NotSame(call.Container, next.Container);
    }
}
