using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Contracts;

public sealed class CallTimelineTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void MergeWire_LongWayToTheRunner_IsNoPartOfWhatTheRunnerDid()
    {
        var here = new CallTimeline(_time);
        After(5);
        here.Mark(CallPhase.Placed);
        After(200);
        var there = new CallTimeline(_time) { Cold = true, ContainerId = "c", RunnerId = "r", Reason = "no container runs", StartReason = "first", EvictionReason = "evicted g" };
        After(30);
        there.Mark(CallPhase.StartGranted);
        After(60);
        there.Mark(CallPhase.Ready);
        there.Mark(CallPhase.SlotTaken);
        After(10);
        there.Mark(CallPhase.Answered);

        here.MergeWire(there.ToWire());

        Assert.Equal((205, 235, 295, 305), (At(here, CallPhase.Taken), At(here, CallPhase.StartGranted), At(here, CallPhase.SlotTaken), At(here, CallPhase.Answered)));
        Assert.Equal((235, 60, 10), (here.Queue.TotalMilliseconds, here.Start.TotalMilliseconds, here.Run.TotalMilliseconds));
        Assert.Equal((true, "c", "r", "no container runs", "first", "evicted g"), (here.Cold, here.ContainerId, here.RunnerId, here.Reason, here.StartReason, here.EvictionReason));
    }

    [Theory]
    [InlineData("cold=0;7=1000;8=9000")]
    [InlineData("cold=0;7=1000;8=9000;sent=soon")]
    [InlineData("cold=0;7=1000;8=9000;sent=-4")]
    public void MergeWire_NotToldWhenItWasSent_CountsFromTheOffer(string wire)
    {
        var here = new CallTimeline(_time);
        After(5);
        here.Mark(CallPhase.Placed);
        After(100);

        here.MergeWire(wire);

        Assert.Equal((6, 14, false), (At(here, CallPhase.SlotTaken), At(here, CallPhase.Answered), here.Has(CallPhase.Taken)));
    }

    [Fact]
    public void MergeWire_RunnerWithAFasterClock_TookNothingBeforeTheOffer()
    {
        var here = new CallTimeline(_time);
        After(5);
        here.Mark(CallPhase.Placed);
        After(10);

        here.MergeWire("cold=0;7=1000;10=70;sent=10500");

        Assert.Equal((5, 6), (At(here, CallPhase.Taken), At(here, CallPhase.SlotTaken)));
    }

    private double At(CallTimeline timeline, CallPhase phase) => _time.GetElapsedTime(timeline[CallPhase.Received], timeline[phase]).TotalMilliseconds;

    private void After(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
