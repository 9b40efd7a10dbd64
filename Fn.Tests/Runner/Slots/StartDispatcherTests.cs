using Fn.Runner.Slots;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>In which order starts are granted, and what a grant takes and gives back.</summary>
public sealed class StartDispatcherTests
{
    [Fact]
    public void Pump_MoreFunctionsThanStartBudget_StartsNeverMoreAtOnce()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 2);
        var functions = Enumerable.Range(0, 6).Select(i => SlotHarness.Function($"f{i}")).ToList();
        foreach (var function in functions)
            harness.Call(function);

        for (var left = functions.Count; left > 0; left--)
        {
            Assert.Equal(Math.Min(2, left), harness.Dispatcher.Starting);
            Assert.Equal(Math.Min(2, left), functions.Sum(harness.Starting));
            Assert.Equal(Math.Max(0, left - 2), harness.Dispatcher.Queued);
            harness.FinishStart(functions.First(function => harness.Starting(function) > 0));
        }

        Assert.Equal(2, harness.Dispatcher.StartingPeak);
        Assert.Equal(0, harness.Dispatcher.Starting);
    }

    [Fact]
    public void Pump_FailedStart_GivesItsShareOfTheBudgetAndItsMemoryBack()
    {
        using var harness = new SlotHarness(budgetMiB: 64, maxStarts: 1);
        var (first, second) = (SlotHarness.Function("first"), SlotHarness.Function("second"));
        harness.Call(first);
        harness.Call(second);

        harness.FinishStart(first, failure: new CallFailure(CallError.InitializationFailed));
        Assert.Equal(0, harness.Starting(second));
        Assert.Equal(1, harness.Dispatcher.Starting);

        // Its memory is back only when what is left of it is gone.
        harness.Step(harness.Of(first).Single().FinishRemoval);
        Assert.Equal(1, harness.Starting(second));
    }

    [Fact]
    public void Pump_FunctionWithoutContainer_GoesBeforeOneThatScalesOut()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 1);
        var (busy, other, cold) = (SlotHarness.Function("busy"), SlotHarness.Function("other"), SlotHarness.Function("cold"));
        harness.Warm(busy, runs: TimeSpan.FromSeconds(2));
        harness.Call(other);
        for (var i = 0; i < 4; i++)
            harness.Call(busy);
        Assert.Equal(1, harness.Dispatcher.Queued);
        harness.Call(cold);

        harness.FinishStart(other);
        Assert.Equal((0, 1), (harness.Starting(busy), harness.Starting(cold)));
        harness.FinishStart(cold);
        Assert.Equal(1, harness.Starting(busy));
    }

    [Fact]
    public void Pump_FunctionsThatWantManyStarts_TakeTurns()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 1);
        FunctionSpec a = Cold("a"), b = Cold("b"), c = Cold("c");
        foreach (var function in (FunctionSpec[])[a, a, a, a, b, b, b, c, c])
            harness.Call(function);

        var order = "";
        while (harness.Driver.Containers.FirstOrDefault(container => container.IsStarting) is { } starting)
        {
            order += starting.Spec.Function.FunctionId;
            harness.FinishStart(starting.Spec.Function);
        }

        // The first of each goes first; then one of each in turn.
        Assert.Equal("abcabcaba", order);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(999, true)]
    [InlineData(1000, false)]
    [InlineData(5000, false)]
    public void Pump_RequestThatDoesNotFit_IsPassedForASecond(int afterMilliseconds, bool passed)
    {
        using var harness = new SlotHarness(budgetMiB: 256);
        var (big, needy, small) = (SlotHarness.Function("big", 192), SlotHarness.Function("needy", 128), SlotHarness.Function("small", 64));
        var running = harness.Busy(big).Single();
        harness.Call(needy);
        harness.Advance(TimeSpan.FromMilliseconds(afterMilliseconds));

        harness.Call(small);
        Assert.Equal(passed ? 1 : 0, harness.Starting(small));
        Assert.Equal(0, harness.Starting(needy));

        running.Release(keep: false);
        harness.Step(harness.Of(big).Single().FinishRemoval);
        Assert.Equal((1, 1), (harness.Starting(needy), harness.Starting(small)));
    }

    [Fact]
    public void Pump_MemoryKeptForALargeRequest_GathersUntilItFits()
    {
        using var harness = new SlotHarness(budgetMiB: 128);
        var (needy, small) = (SlotHarness.Function("needy", 128), Cold("small"));
        var running = new List<HarnessCall> { harness.Call(small), harness.Call(small) };
        harness.Settle();
        harness.Call(needy);
        harness.Advance(TimeSpan.FromSeconds(1));

        for (var i = 0; i < 2; i++)
        {
            // Each finished call frees what the next small one would need, which does not get it.
            harness.Call(small);
            Assert.Equal(0, harness.Starting(needy));
            running[i].Release(keep: false);
            harness.Step(harness.Of(small)[0].FinishRemoval);
            Assert.Equal(0, harness.Starting(small));
        }

        Assert.Equal(1, harness.Starting(needy));
    }

    [Fact]
    public void Begin_RequestNobodyWantsAnyMore_GivesTokenAndMemoryBack()
    {
        using var harness = new SlotHarness(budgetMiB: 64);
        var function = SlotHarness.Function("f");
        var token = new Token();
        var memory = new TaskCompletionSource<Fn.Runner.Resources.MemoryReservation>();

        harness.Step(() => harness.Pool(function).Begin(new StartRequest(harness.Pool(function), null), new StartGrant(token, memory.Task)));
        Assert.True(token.IsGivenBack);

        harness.Step(() => memory.SetResult(harness.Ledger.TryReserve(function.MemoryBytes)!));
        Assert.Equal(0, harness.Ledger.Reserved);
        Assert.Empty(harness.Driver.Containers);
    }

    [Fact]
    public void Change_RequestDroppedBeforeItWasSubmitted_IsNotTakenUp()
    {
        // Thread A decides on a start, thread B's client leaves and drops it; B gets to the dispatcher before A.
        using var harness = new SlotHarness(budgetMiB: 64);
        var request = new StartRequest(harness.Pool(SlotHarness.Function("big", 128)), null) { First = true };

        harness.Dispatcher.Change(submitted: null, cancelled: [request]);
        harness.Dispatcher.Change(submitted: [request], cancelled: null);
        harness.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, harness.Dispatcher.Queued);
        harness.Call(SlotHarness.Function("small"));
        Assert.Equal(1, harness.Dispatcher.Starting);
    }

    [Fact]
    public void Change_LastWaiterLeavesBeforeTheGrant_DropsTheRequest()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 1);
        var (first, second) = (SlotHarness.Function("first"), SlotHarness.Function("second"));
        harness.Call(first);
        var leaving = new[] { harness.Call(second), harness.Call(second) };
        Assert.Equal(1, harness.Dispatcher.Queued);

        leaving[0].Leave();
        Assert.Equal(1, harness.Dispatcher.Queued);
        leaving[1].Leave();
        Assert.Equal(0, harness.Dispatcher.Queued);

        harness.FinishStart(first);
        Assert.Empty(harness.Of(second));
        Assert.Equal(first.MemoryBytes, harness.Ledger.Reserved);
    }

    [Theory]
    [InlineData(4, 0, 0.0)]
    [InlineData(4, 3, 0.0)]
    [InlineData(4, 4, 25.0)]
    [InlineData(4, 7, 100.0)]
    [InlineData(1, 1, 100.0)]
    [InlineData(1, 3, 300.0)]
    public void ExpectedWait_StartsAhead_IsTheirShareOfAStart(int maxStarts, int startsAhead, double expectedMilliseconds)
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts);
        for (var i = 0; i < startsAhead; i++)
            harness.Call(SlotHarness.Function($"f{i}"));

        Assert.Equal(TimeSpan.FromMilliseconds(expectedMilliseconds), harness.Dispatcher.ExpectedWait(TimeSpan.FromMilliseconds(100)));
    }

    [Fact]
    public void RoomFor_AStartWaitsForMemory_IsNone()
    {
        using var harness = new SlotHarness(budgetMiB: 192);
        FunctionSpec busy = SlotHarness.Function("busy"), large = SlotHarness.Function("large", memoryMiB: 160);
        harness.Busy(busy);
        Assert.Equal(2, harness.Dispatcher.RoomFor(busy.MemoryBytes));

        harness.Call(large);

        Assert.Equal(0, harness.Dispatcher.RoomFor(busy.MemoryBytes));
    }

    [Theory]
    [InlineData("free memory", 256, 64, "", 64, true)]
    [InlineData("as much as there is", 256, 0, "", 256, true)]
    [InlineData("more than is free", 256, 64, "", 256, false)]
    [InlineData("another's idle container", 128, 64, "other", 128, true)]
    [InlineData("another's idle container, and not enough", 192, 64, "other", 192, true)]
    [InlineData("its own idle container", 64, 64, "own", 64, false)]
    public void HasRoomFor_Memory_SaysWhetherAStartWouldHaveToWait(string what, int budgetMiB, int usedMiB, string idleOf, int wantedMiB, bool expected)
    {
        using var harness = new SlotHarness(budgetMiB);
        var wanted = SlotHarness.Function("own", wantedMiB);
        if (idleOf.Length > 0)
            harness.Warm(idleOf == "own" ? wanted : SlotHarness.Function("other", usedMiB));
        else if (usedMiB > 0)
            harness.Busy(SlotHarness.Function("other", usedMiB));
        harness.Advance(TimeSpan.FromSeconds(1));

        Assert.True(expected == harness.Dispatcher.HasRoomFor(harness.Pool(wanted)), what);
    }

    private static FunctionSpec Cold(string name) => SlotHarness.Function(name, format: FunctionFormat.Default);

    private sealed class Token : IDisposable
    {
        public bool IsGivenBack { get; private set; }

        public void Dispose() => IsGivenBack = true;
    }
}
