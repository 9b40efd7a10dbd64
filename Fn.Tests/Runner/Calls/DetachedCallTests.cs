using System.Text;
using Fn.Runner;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Slots;
using Xunit;

namespace Fn.Tests.Runner.Calls;

/// <summary>Calls that nobody waits for: taken once, then run whatever becomes of the client.</summary>
public sealed class DetachedCallTests : IDisposable
{
    private readonly SlotHarness _harness = new(budgetMiB: 64, calls: new CallOptions { MaxDetachedBody = 10 });
    private readonly FunctionSpec _function = SlotHarness.Function("f");

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Offer_ColdFunction_IsAcceptedAtOnceAndRunsWhenItCan()
    {
        var call = new EngineCall(_harness, _function, detached: true);
        Assert.IsType<AcceptedOutcome>(call.Outcome);
        call.Leave();

        _harness.FinishStart(_function);
        Assert.Single(_harness.Exchanges);
        _harness.Step(() => _harness.Exchanges[0].Answer("nobody reads this"));

        await _harness.UntilAsync(() => _harness.Status(_function).Busy == 0);
        Assert.Equal(1, _harness.Status(_function).Idle);
    }

    [Fact]
    public void Offer_BodyIsWithTheClient_IsAcceptedWhenItIsHere()
    {
        _harness.Warm(_function);
        var body = new FakeBody();
        var call = new EngineCall(_harness, _function, detached: true, body: CallBody.FromStream(body, length: null));
        _harness.Step(() => body.Write("first "));
        Assert.False(call.IsOver);
        Assert.Empty(_harness.Exchanges);

        _harness.Step(() =>
        {
            body.Write("rest");
            body.End();
        });

        Assert.IsType<AcceptedOutcome>(call.Outcome);
        Assert.Equal("first rest", Encoding.UTF8.GetString(Assert.Single(_harness.Exchanges).Request.Call.Body.Buffered.Span));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(null)]
    public async Task Offer_BodyIsTooLarge_FailsAndTheSlotGoesBack(int? length)
    {
        _harness.Warm(_function);
        var body = new FakeBody();
        body.Write("eleven char");
        var call = new EngineCall(_harness, _function, detached: true, body: CallBody.FromStream(body, length));

        await _harness.UntilAsync(() => call.IsOver);
        Assert.Equal(new CallFailure(CallError.RequestTooLarge) { Limit = "Fn:Calls:MaxDetachedBody=10" }, call.Failure);
        AssertNothingRuns();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Offer_ClientBreaksOffItsBody_FailsAndTheSlotGoesBack(bool leaves)
    {
        _harness.Warm(_function);
        var body = new FakeBody();
        var call = new EngineCall(_harness, _function, detached: true, body: CallBody.FromStream(body, length: 10));
        Assert.Equal(1, _harness.Status(_function).Busy);

        if (leaves)
            call.Leave();
        else
            _harness.Step(() => body.Break(new IOException("reset")));

        await _harness.UntilAsync(() => call.IsOver);
        Assert.Equal(CallError.ClientLeft, call.Failure.Error);
        AssertNothingRuns();
    }

    [Fact]
    public async Task Offer_ClientBreaksOffItsBodyWhileTheCallWaits_LeavesTheQueue()
    {
        var running = _harness.Busy(_function).Single();
        var body = new FakeBody();
        var call = new EngineCall(_harness, _function, detached: true, body: CallBody.FromStream(body, length: 10));
        Assert.Equal(1, _harness.Queue.Waiting);

        call.Leave();

        await _harness.UntilAsync(() => call.IsOver);
        Assert.Equal(CallError.ClientLeft, call.Failure.Error);
        Assert.Equal(0, _harness.Queue.Waiting);
        running.Release();
        AssertNothingRuns();
    }

    [Fact]
    public void Offer_NowWithoutRoom_IsRefused()
    {
        _harness.Busy(SlotHarness.Function("other"));

        Assert.Equal(NotPlacedReason.Full, new EngineCall(_harness, _function, wait: null, detached: true).Refusal);
    }

    [Fact]
    public void Run_ContainerEndedWhileIdleAndThereIsNoRoom_WaitsForAnother()
    {
        _harness.Warm(_function);
        var call = new EngineCall(_harness, _function, wait: null, detached: true);
        Assert.IsType<AcceptedOutcome>(call.Outcome);

        // Its memory is free only when the old container is gone: an offer `now` would be refused until then.
        _harness.Step(_harness.Exchanges[0].NotSent);
        _harness.Settle();

        Assert.Equal(2, _harness.Exchanges.Count);
        Assert.Equal(call.Offer.CallId, _harness.Exchanges[1].Request.Call.CallId);
    }

    [Fact]
    public void Run_TimesOut_TheContainerGoes()
    {
        _harness.Warm(_function);
        _ = new EngineCall(_harness, _function, detached: true);

        _harness.Advance(_function.Timeout);

        Assert.True(_harness.Exchanges[0].IsCancelled);
        Assert.Equal((0, 1), (_harness.Status(_function).Busy, _harness.Status(_function).Stopping));
    }

    [Fact]
    public async Task Drain_DetachedCallsRunAndWait_AwaitsThem()
    {
        _harness.Warm(_function);
        _ = new EngineCall(_harness, _function, detached: true);
        _ = new EngineCall(_harness, _function, detached: true);
        var drained = _harness.Begin(_harness.Engine.DrainAsync);
        Assert.Single(_harness.Exchanges);

        _harness.Step(() => _harness.Exchanges[0].Answer("one"));
        await _harness.UntilAsync(() => _harness.Exchanges.Count == 2);
        Assert.False(drained.IsOver);
        _harness.Step(() => _harness.Exchanges[1].Answer("two"));
        await _harness.UntilAsync(() => drained.IsOver);
    }

    private void AssertNothingRuns()
    {
        Assert.Empty(_harness.Exchanges);
        Assert.Equal((1, 0), (_harness.Status(_function).Idle, _harness.Status(_function).Busy));
        Assert.True(_harness.Begin(_harness.Engine.DrainAsync).IsOver);
    }
}
