using Fn.Api.History;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api.History;

public sealed class CallHistoryTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CallHistory _history;

    public CallHistoryTests() => _history = Make();

    [Fact]
    public void Find_CallJustRecorded_TellsItsPhasesAndReasons()
    {
        var timeline = new CallTimeline(_time);
        void After(int milliseconds, CallPhase phase)
        {
            _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            timeline.Mark(phase);
        }
        After(1, CallPhase.Placed);
        After(2, CallPhase.StartGranted);
        After(100, CallPhase.Ready);
        After(1, CallPhase.SlotTaken);
        After(7, CallPhase.Answered);
        After(1, CallPhase.Ended);
        (timeline.Cold, timeline.RunnerId, timeline.ContainerId) = (true, "runner", "container");
        (timeline.Reason, timeline.StartReason, timeline.EvictionReason) = ("no container runs", "first call", "evicted g");

        _history.Record(new EndedCall("id", "f", timeline, 200, null, Detached: false));
        var call = _history.Find("id")!;

        Assert.Equal((true, "runner", "container", false), (call.Cold, call.RunnerId, call.ContainerId, call.Failed));
        Assert.Equal(("no container runs", "first call", "evicted g"), (call.WaitReason, call.StartReason, call.EvictionReason));
        Assert.Equal((4, 100, 7, 112), (call.Queue, call.Start, call.Run, call.Total));
        Assert.Equal(
            [(CallPhase.Received, 0), (CallPhase.Placed, 1000), (CallPhase.StartGranted, 3000), (CallPhase.Ready, 103_000), (CallPhase.SlotTaken, 104_000), (CallPhase.Answered, 111_000), (CallPhase.Ended, 112_000)],
            call.Phases.Select(reached => (reached.Phase, reached.At)));
        Assert.Equal(_time.GetUtcNow() - TimeSpan.FromMilliseconds(112), call.ReceivedAt);
    }

    [Fact]
    public void Record_MoreInASecondThanAreKept_CountsThemAll()
    {
        using var history = Make(new LoopCallShare(), new HistoryOptions { MaxCallsPerFunction = 10 });
        for (var i = 0; i < 1000; i++)
            Record(history, $"id{i:D4}", "f", 1, cold: false, null);

        Assert.Equal("id0009", history.Recent(new CallFilter("f"))[0].CallId);
        _time.Advance(CallWindow.Step);
        Assert.Equal(1000, history.Series("f").Steps[^1].Calls);
        Assert.Equal((1000, 1000), (history.Day("f").Calls, history.Turn("g").Batch!.Tallies["f"].Calls));
    }

    [Fact]
    public void Series_CallsOfThreeSteps_AreInTheirSteps()
    {
        Call("f", milliseconds: 10);
        _time.Advance(CallWindow.Step);
        Call("f", milliseconds: 20);
        Call("g", milliseconds: 30, error: CallError.FunctionFailed);
        _time.Advance(CallWindow.Step);
        Call("f", milliseconds: 1);

        var all = _history.Series(null).Steps;
        Assert.Equal(CallWindow.Steps, all.Count);
        // The step that is not over is not told of.
        Assert.Equal([1L, 2L], all.TakeLast(2).Select(step => step.Calls));
        Assert.Equal([1L, 1L], _history.Series("f").Steps.TakeLast(2).Select(step => step.Calls));
        Assert.Equal(1, all[^1].Failed);
        Assert.InRange(all[^2].HotP50!.Value, 9.3, 10.7);
        Assert.Equal((0, null), (all[0].Calls, all[0].HotP50));
    }

    [Fact]
    public void Figures_AfterTheTimeOfTheSeries_AreGone()
    {
        Call("f", milliseconds: 10, cold: true);
        _time.Advance(CallWindow.Step);
        var figures = Assert.Single(_history.Figures()).Value;
        Assert.Equal((1L, 1L), (figures.Calls, figures.Cold));

        _time.Advance(CallWindow.Step * (CallWindow.Steps + 1));
        Assert.Empty(_history.Figures());
        Assert.Equal(1, _history.Day(null).Cold);
    }

    [Fact]
    public void Day_CallsOfManyHours_AreThoseOfTheLastTwentyFour()
    {
        for (var hour = 0; hour < 30; hour++)
        {
            Call(hour % 2 == 0 ? "even" : "odd", milliseconds: 5);
            // Taken in when it came.
            Assert.True(_history.Day(null).Calls > 0);
            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(23, _history.Day(null).Calls);
        Assert.Equal(11, _history.Day("even").Calls);
        Assert.Equal([("even", 11L), ("odd", 12L)], _history.Days().Select(day => (day.Key, day.Value.Calls)).Order());
    }

    [Fact]
    public void Days_MoreFunctionsThanAreToldApart_LeavesTheRestOut()
    {
        for (var i = 0; i < 2005; i++)
            Call($"f{i}", milliseconds: 1);

        Assert.Equal(2000, _history.Days().Count);
        Assert.Equal(2005, _history.Day(null).Calls);
    }

    [Fact]
    public async Task Turn_TwoHistories_KnowEachOthersCallsAndSums()
    {
        var share = new LoopCallShare();
        using var one = Make(share);
        using var other = Make(share);
        share.Hearers.Add(other);
        _history.Dispose();
        for (var i = 0; i < 50; i++)
            Record(one, $"id{i}", "f", 3, cold: i == 0, null);
        await one.WaitAsync(TestContext.Current.CancellationToken);
        var (batch, hour) = one.Turn("one");
        await share.TellAsync(batch!, TestContext.Current.CancellationToken);
        // Told twice, as after a loss of the connection.
        await share.TellAsync(batch!, TestContext.Current.CancellationToken);
        await share.TellAsync(hour!, TestContext.Current.CancellationToken);
        _time.Advance(CallWindow.Step);

        Assert.Equal(50, other.Recent(new CallFilter("f", Most: 1000)).Count);
        Assert.Equal(50, other.Series("f").Steps[^1].Calls);
        Assert.Equal((50L, 1L), (other.Day("f").Calls, other.Day("f").Cold));
        Assert.Equal(one.Find("id7")! with { Phases = [] }, other.Find("id7")! with { Phases = [] });
    }

    [Fact]
    public void Turn_MoreCallsThanAreShared_TellsTheNotableAndCountsAll()
    {
        using var history = Make(new LoopCallShare(), new HistoryOptions { MaxShared = 5 });
        for (var i = 0; i < 100; i++)
            Record(history, $"id{i:D3}", "f", 1, cold: i == 10, i == 20 ? CallError.FunctionFailed : null);

        var batch = history.Turn("g").Batch!;

        Assert.Equal(["id010", "id020", "id099", "id098", "id097"], batch.Calls.Select(told => told.Call.CallId));
        Assert.Equal(100, batch.Tallies["f"].Calls);
        Assert.Null(history.Turn("g").Batch);
    }

    [Fact]
    public async Task Subscribe_NewCalls_TellsOncePerTurnUntilDisposed()
    {
        var told = 0;
        var subscription = _history.Subscribe(() => told++);
        Call("f", 1);
        Call("f", 1);
        await _history.WaitAsync(TestContext.Current.CancellationToken);
        _history.Turn("g");
        _history.Turn("g");
        Assert.Equal(1, told);

        subscription.Dispose();
        Call("f", 1);
        _history.Turn("g");
        Assert.Equal(1, told);
    }

    private CallHistory Make(ICallShare? share = null, HistoryOptions? options = null) =>
        new(Options.Create(options ?? new HistoryOptions()), share ?? new NoCallShare(), _time);

    private void Call(string functionId, int milliseconds, bool cold = false, CallError? error = null)
    {
        Record(_history, Guid.NewGuid().ToString(), functionId, milliseconds, cold, error);
        _history.Recent(new CallFilter());
    }

    private void Record(CallHistory history, string id, string functionId, int milliseconds, bool cold, CallError? error)
    {
        var timeline = new CallTimeline(_time) { Cold = cold };
        var start = timeline[CallPhase.Received];
        timeline.Mark(CallPhase.SlotTaken, start);
        timeline.Mark(CallPhase.Answered, start + milliseconds * _time.TimestampFrequency / 1000);
        timeline.Mark(CallPhase.Ended, start + milliseconds * _time.TimestampFrequency / 1000);
        history.Record(new EndedCall(id, functionId, timeline, 200, error, Detached: false));
    }
}
