using Fn.Runner.Eviction;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>Memory is short, and some of the idle containers are to be kept.</summary>
public sealed class FloorEvictionTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FunctionSpec _kept = SlotHarness.Function("kept", idleTimeout: 3600);
    private readonly FunctionSpec _other = SlotHarness.Function("other", idleTimeout: 3600);
    private readonly FunctionSpec _cold = SlotHarness.Function("cold", idleTimeout: 3600);

    [Theory]
    // since, kept; since, kept; which first
    [InlineData(1, false, 2, false, -1)]
    [InlineData(2, false, 1, false, 1)]
    [InlineData(2, false, 1, true, -1)]
    [InlineData(1, true, 2, false, 1)]
    [InlineData(1, true, 2, true, -1)]
    [InlineData(1, true, 1, true, 0)]
    public void Compare_FloorsGoLast_ThenByPolicy(long firstSince, bool firstKept, long secondSince, bool secondKept, int expected)
    {
        EvictionCandidate first = new(firstSince, 1, Second, 0, firstKept), second = new(secondSince, 1, Second, 0, secondKept);
        Assert.Equal(expected, Math.Sign(EvictionOrder.Compare(new LeastRecentlyUsedPolicy(), first, second)));
    }

    [Fact]
    public void Cold_FunctionWithoutContainers_TakesWhatIsNotKeptFirstAndThenWhatIs()
    {
        using var harness = new SlotHarness(budgetMiB: 128);
        var kept = Keep(harness, _kept);
        var other = harness.Warm(_other);
        harness.Advance(10 * Second);

        harness.Call(_cold);
        Assert.Equal((false, true), (kept.IsRemoving, other.IsRemoving));
        harness.Settle();
        harness.Advance(Second);
        harness.Call(SlotHarness.Function("another"));
        Assert.True(kept.IsRemoving);
    }

    [Fact]
    public void ScaleOut_OfAnotherFunction_LeavesWhatIsKept()
    {
        using var harness = new SlotHarness(budgetMiB: 128);
        var kept = Keep(harness, _kept);
        harness.Warm(_other, runs: 2 * Second);
        harness.Call(_other);
        var second = harness.Call(_other);
        harness.Advance(20 * Second);
        Assert.True(second.IsWaiting);
        Assert.False(kept.IsRemoving);

        // What is beyond the floor it may have.
        harness.Keep(_kept, 0);
        Assert.True(kept.IsRemoving);
    }

    [Fact]
    public void Offer_NowWithRoomOnlyInWhatIsKept_IsRefused()
    {
        using var harness = new SlotHarness(budgetMiB: 128);
        Keep(harness, _kept);
        harness.Warm(_other, runs: 2 * Second);
        harness.Call(_other);
        Assert.Equal(NotPlacedReason.Full, harness.Call(_other, wait: null).Grant.Refused);
    }

    [Fact]
    public void Ahead_MemoryIsShort_TakesWhatWasNotUsedForFiveSecondsAndIsNotKept()
    {
        using var harness = new SlotHarness(budgetMiB: 192, maxStarts: 4);
        var kept = Keep(harness, _kept);
        var other = harness.Warm(_other);
        harness.Warm(_cold);
        harness.Keep(SlotHarness.Function("wished"), 2);

        harness.Advance(4 * Second);
        Assert.False(other.IsRemoving);
        harness.Call(_cold).Release();
        harness.Advance(Second);
        Assert.True(other.IsRemoving);
        Assert.False(kept.IsRemoving);
        harness.Settle();
        Assert.Equal(1, harness.Status(_cold).Idle);

        // The other one of the two comes when the last candidate has been idle for so long.
        harness.Advance(5 * Second);
        harness.Settle();
        Assert.Equal((0, 1), (harness.Status(_cold).Idle, harness.Status(_kept).Idle));
    }

    [Fact]
    public void Ahead_ManyAreMissing_OneStartIsLeftForCalls()
    {
        using var harness = new SlotHarness(budgetMiB: 1024, maxStarts: 3);
        harness.Keep(_kept, 5);
        Assert.Equal((2, 0), (harness.Starting(_kept), harness.Dispatcher.Queued));

        harness.Call(_cold);
        Assert.Equal(1, harness.Starting(_cold));
        harness.FinishStart(_kept);
        Assert.Equal(1, harness.Starting(_kept));
        harness.Settle();
        Assert.Equal(5, harness.Status(_kept).Idle);
    }

    private static FakeContainer Keep(SlotHarness harness, FunctionSpec function)
    {
        harness.Keep(function, 1);
        return harness.FinishStart(function, after: TimeSpan.FromMilliseconds(100));
    }
}
