using Fn.Runner;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Runner.Slots;
using Xunit;

namespace Fn.Tests.Runner.Calls;

/// <summary>A call's way through the engine, from its offer to the slot's return.</summary>
public sealed class RunnerEngineTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly CallFailure TimedOut = new(CallError.FunctionTimedOut) { Limit = "timeout=30s" };

    private readonly SlotHarness _harness = new(budgetMiB: 128);
    private readonly FunctionSpec _function = SlotHarness.Function("f");

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Offer_ColdFunction_StartsAContainerAndHandsTheAnswerOn()
    {
        var call = new EngineCall(_harness, _function);
        Assert.False(call.IsOver);
        var container = _harness.FinishStart(_function, after: TimeSpan.FromMilliseconds(100));

        var exchange = Assert.Single(_harness.Exchanges);
        Assert.Same(call.Offer, exchange.Request.Call);
        Assert.Equal(_harness.Time.GetUtcNow() + TimeSpan.FromSeconds(30), exchange.Request.Deadline);
        _harness.Advance(TimeSpan.FromMilliseconds(5));
        _harness.Step(() => exchange.Answer("hello"));

        Assert.Equal(200, call.Answer.Status);
        Assert.Equal("hello", call.Read().Result);
        var timeline = call.Offer.Timeline;
        Assert.True(timeline.Cold);
        Assert.Equal(container.Id, timeline.ContainerId);
        Assert.Equal(_harness.Identity.Id, timeline.RunnerId);
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(5)), (timeline.Queue, timeline.Start, timeline.Run));
    }

    [Fact]
    public void Offer_HotFunction_IsSentAtOnce()
    {
        var container = _harness.Warm(_function);
        var call = new EngineCall(_harness, _function, wait: null);

        Assert.Same(container, Assert.Single(_harness.Exchanges).Channel.Container);
        Assert.False(call.Offer.Timeline.Cold);
        Assert.Equal(TimeSpan.Zero, call.Offer.Timeline.Start);
    }

    [Fact]
    public void Offer_MoreMemoryThanThereIsInAll_FailsAtOnce()
    {
        var call = new EngineCall(_harness, SlotHarness.Function("big", 129));

        Assert.Equal(new CallFailure(CallError.MemoryAboveBudget) { Limit = $"memory budget={128 * 1024 * 1024}" }, call.Failure);
        Assert.Empty(_harness.Pools.All);
        Assert.True(_harness.Begin(_harness.Engine.DrainAsync).IsOver);
    }

    [Fact]
    public void Offer_NowWithoutRoom_IsRefused()
    {
        _harness.Busy(SlotHarness.Function("other", 128));

        Assert.Equal(NotPlacedReason.Full, new EngineCall(_harness, _function, wait: null).Refusal);
    }

    [Theory]
    [InlineData("other:image", FunctionFormat.HttpStream, CallError.PullFailed)]
    [InlineData("fake:image", "json", CallError.StartFailed)]
    public void Offer_NothingHereRunsIt_Fails(string image, string format, CallError expected)
    {
        var function = SlotHarness.Function("f", format: format, image: image);

        Assert.Equal(expected, new EngineCall(_harness, function).Failure.Error);
        Assert.Equal(expected, new EngineCall(_harness, function, detached: true).Failure.Error);
        Assert.True(_harness.Begin(_harness.Engine.DrainAsync).IsOver);
    }

    [Theory]
    [InlineData(CallError.AnswerBroken, CallError.InitializationFailed)]
    [InlineData(null, CallError.InitializationFailed)]
    [InlineData(CallError.InvalidHttpResponse, null)]
    [InlineData(CallError.FunctionTimedOut, null)]
    public void Offer_NoContainerOfAFunctionWithoutReadySignalSurvivesItsFirstCall_ThenItDoesNotStart(CallError? first, CallError? then)
    {
        var function = SlotHarness.Function("f", format: FunctionFormat.Http);
        for (var i = 0; i < 3; i++)
        {
            var call = new EngineCall(_harness, function);
            _harness.FinishStart(function, after: Tick);
            _harness.Step(() =>
            {
                if (first is { } error)
                    _harness.Exchanges[^1].Fail(new CallFailure(error));
                else
                    _harness.Exchanges[^1].NotSent();
            });
            Assert.Equal(first ?? CallError.InitializationFailed, call.Failure.Error);
            _harness.Settle();
        }

        var next = new EngineCall(_harness, function);

        Assert.Equal(then, next.IsOver ? next.Failure.Error : null);
    }

    [Fact]
    public void Answer_ReadToItsEnd_GivesTheSlotBackThenAndOnce()
    {
        var call = Running();
        var body = AnswerOf(call);
        _harness.Step(() => body.Write("a"));
        Assert.Equal("a", call.Read().Result);
        var rest = call.Read();
        Assert.False(rest.IsOver);
        Assert.Equal(1, _harness.Status(_function).Busy);

        _harness.Step(body.End);
        Assert.Equal("", rest.Result);
        AssertIdle();
        Assert.True(call.Offer.Timeline.Has(CallPhase.Ended));

        // The next call has the slot now; what the first still does with its answer must not give that away.
        var next = new EngineCall(_harness, _function);
        Assert.Equal("", call.Read().Result);
        Assert.True(call.DisposeAnswer() is { IsOver: true, Error: null });
        Assert.True(call.DisposeAnswer() is { IsOver: true, Error: null });
        Assert.True(body.IsDisposed);
        Assert.Equal(1, _harness.Status(_function).Busy);
        Assert.False(next.IsOver);
    }

    [Fact]
    public void Answer_FunctionBreaksOff_TheReaderIsToldAndTheContainerGoes()
    {
        var call = Running();
        var body = AnswerOf(call);
        var failure = new CallFailure(CallError.AnswerBroken);
        _harness.Step(() => body.Break(new CallBrokenException(failure)));

        Assert.Same(failure, Assert.IsType<CallBrokenException>(call.Read().Error).Failure);
        AssertDiscarded();
        Assert.True(call.DisposeAnswer() is { IsOver: true, Error: null });
    }

    [Fact]
    public void Exchange_Fails_TheCallFailsAndTheContainerGoes()
    {
        var call = Running();
        var failure = new CallFailure(CallError.InvalidHttpResponse) { Detail = "what is this" };
        _harness.Step(() => _harness.Exchanges[^1].Fail(failure));

        Assert.Same(failure, call.Failure);
        AssertDiscarded();
    }

    [Fact]
    public void Exchange_FailsButLeavesTheChannelClean_TheContainerStays()
    {
        var call = Running();
        _harness.Step(() =>
        {
            _harness.Exchanges[^1].Channel.Reusable = true;
            _harness.Exchanges[^1].Fail(new CallFailure(CallError.FunctionFailed));
        });

        Assert.Equal(CallError.FunctionFailed, call.Failure.Error);
        AssertIdle();
    }

    [Fact]
    public void Exchange_Throws_IsAnInternalErrorAndTheContainerGoes()
    {
        var call = Running();
        _harness.Step(() => _harness.Exchanges[^1].Throw(new InvalidOperationException("a bug")));

        Assert.Equal(CallError.Internal, call.Failure.Error);
        AssertDiscarded();
        Assert.True(_harness.Begin(_harness.Engine.DrainAsync).IsOver);
    }

    [Fact]
    public void Timeout_NoHeaders_FailsAndNamesTheLimit()
    {
        var call = Running();
        _harness.Advance(TimeSpan.FromSeconds(30) - Tick);
        Assert.False(call.IsOver);
        _harness.Advance(Tick);

        Assert.Equal(TimedOut, call.Failure);
        AssertDiscarded();
    }

    [Fact]
    public void Timeout_BodyComesTooSlowly_BreaksTheAnswer()
    {
        var call = Running();
        var body = AnswerOf(call);
        _harness.Advance(TimeSpan.FromSeconds(20));
        _harness.Step(() => body.Write("a"));
        Assert.Equal("a", call.Read().Result);
        var rest = call.Read();

        _harness.Advance(TimeSpan.FromSeconds(10) - Tick);
        Assert.False(rest.IsOver);
        _harness.Advance(Tick);
        Assert.Equal(TimedOut, Assert.IsType<CallBrokenException>(rest.Error).Failure);
        AssertDiscarded();
    }

    [Fact]
    public void Timeout_CallWaitedBefore_CountsFromTheSlot()
    {
        var first = Running();
        _harness.Busy(SlotHarness.Function("other"));
        var second = new EngineCall(_harness, _function);
        _harness.Advance(TimeSpan.FromSeconds(20));
        _harness.Step(() => _harness.Exchanges[0].Answer("a"));
        first.Read();
        first.Read();
        Assert.Equal(2, _harness.Exchanges.Count);

        _harness.Advance(TimeSpan.FromSeconds(30) - Tick);
        Assert.False(second.IsOver);
        _harness.Advance(Tick);
        Assert.Equal(TimedOut, second.Failure);
    }

    [Fact]
    public void NotSent_ContainerEndedWhileItWasIdle_TheCallGoesToAnother()
    {
        var call = Running();
        _harness.Step(_harness.Exchanges[0].NotSent);
        Assert.False(call.IsOver);

        _harness.Settle();
        Assert.Equal(2, _harness.Exchanges.Count);
        Assert.NotSame(_harness.Exchanges[0].Channel, _harness.Exchanges[1].Channel);
        _harness.Step(() => _harness.Exchanges[1].Answer("late but there"));
        Assert.Equal("late but there", call.Read().Result);
    }

    [Fact]
    public void NotSent_SeveralContainersEnded_EachIsTriedAndNoneKept()
    {
        var warm = _harness.Busy(_function, containers: 2);
        warm.ForEach(call => call.Release());
        var call = new EngineCall(_harness, _function);

        _harness.Step(_harness.Exchanges[0].NotSent);
        Assert.Same(warm[0].Container, _harness.Exchanges[1].Channel.Container);
        _harness.Step(_harness.Exchanges[1].NotSent);
        Assert.All(warm, old => Assert.True(old.Container.IsRemoving));
        _harness.Settle();

        _harness.Step(() => _harness.Exchanges[2].Answer("here"));
        Assert.Equal("here", call.Read().Result);
        Assert.True(call.Offer.Timeline.Cold);
    }

    [Fact]
    public void NotSent_FreshContainer_NeverCameUp()
    {
        var call = new EngineCall(_harness, _function);
        _harness.FinishStart(_function);
        _harness.Step(_harness.Exchanges[0].NotSent);

        Assert.Equal(CallError.InitializationFailed, call.Failure.Error);
        AssertDiscarded();
        Assert.Single(_harness.Exchanges);
    }

    [Fact]
    public void GetStatus_CallsRunAndWait_CountsThem()
    {
        Running();
        _ = new EngineCall(_harness, SlotHarness.Function("starting"));
        _ = new EngineCall(_harness, SlotHarness.Function("waiting"));

        var status = _harness.Engine.GetStatus();

        Assert.Equal(_harness.Identity.Id, status.RunnerId);
        Assert.Equal((128 * 1024 * 1024, 128 * 1024 * 1024), (status.MemoryBudget, status.MemoryReserved));
        Assert.Equal((1, 1, 2, 1), (status.Running, status.Starting, status.Waiting, status.StartsQueued));
        Assert.Equal(["f", "starting", "waiting"], status.Pools.Select(pool => pool.FunctionId).Order());
        Assert.Equal((1, 0), (status.Pools.Single(pool => pool.FunctionId == "f").Busy, status.Pools.Single(pool => pool.FunctionId == "f").Idle));
        Assert.False(status.Draining);
    }

    /// <summary>A call that runs on a container that has served before.</summary>
    private EngineCall Running()
    {
        _harness.Warm(_function);
        return new EngineCall(_harness, _function);
    }

    private Fakes.FakeBody AnswerOf(EngineCall call)
    {
        Fakes.FakeBody? body = null;
        _harness.Step(() => body = _harness.Exchanges[^1].Answer());
        Assert.Equal(200, call.Answer.Status);
        return body!;
    }

    private void AssertIdle()
    {
        var status = _harness.Status(_function);
        Assert.Equal((1, 0, 0), (status.Idle, status.Busy, status.Stopping));
    }

    private void AssertDiscarded()
    {
        var status = _harness.Status(_function);
        Assert.Equal((0, 0, 1), (status.Idle, status.Busy, status.Stopping));
    }
}
