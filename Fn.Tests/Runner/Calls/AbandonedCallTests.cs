using Fn.Runner;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Slots;
using Xunit;

namespace Fn.Tests.Runner.Calls;

/// <summary>Clients that leave: what becomes of their calls and of the containers that run them.</summary>
public sealed class AbandonedCallTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly SlotHarness _harness = new(budgetMiB: 64);
    private readonly FunctionSpec _function = SlotHarness.Function("f");

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Leave_Waiting_IsOverAtOnce()
    {
        Running();
        var waiting = new EngineCall(_harness, _function);

        waiting.Leave();

        Assert.Equal(CallError.ClientLeft, waiting.Failure.Error);
        Assert.Equal(0, _harness.Queue.Waiting);
        Assert.Single(_harness.Exchanges);
    }

    [Fact]
    public async Task Leave_FunctionHasTheWholeRequestAndAnswersWithinTheGrace_TheContainerStays()
    {
        var call = Running();
        call.Leave();
        Assert.False(call.IsOver);

        _harness.Advance(2 * Second - Tick);
        _harness.Step(() => _harness.Exchanges[0].Answer("nobody reads this"));
        call.DisposeAnswer();

        await AssertIdleAsync();
    }

    [Fact]
    public void Leave_FunctionHasTheWholeRequestAndIsNotDone_TheContainerGoesAfterTheGrace()
    {
        var call = Running();
        call.Leave();

        _harness.Advance(2 * Second - Tick);
        Assert.False(call.IsOver);
        _harness.Advance(Tick);

        Assert.Equal(CallError.ClientLeft, call.Failure.Error);
        AssertDiscarded();
    }

    [Fact]
    public void Leave_ShortlyBeforeTheDeadline_TheGraceEndsWithIt()
    {
        var call = Running();
        _harness.Advance(29 * Second);
        call.Leave();

        _harness.Advance(Second - Tick);
        Assert.False(call.IsOver);
        _harness.Advance(Tick);

        Assert.Equal(CallError.ClientLeft, call.Failure.Error);
        AssertDiscarded();
    }

    [Fact]
    public void Leave_NoGraceAllowed_IsBrokenOffAtOnce()
    {
        using var harness = new SlotHarness(budgetMiB: 64, calls: new CallOptions { AbandonedGrace = TimeSpan.Zero });
        harness.Warm(_function);
        var call = new EngineCall(harness, _function);

        call.Leave();

        Assert.Equal(CallError.ClientLeft, call.Failure.Error);
        Assert.Equal(1, harness.Status(_function).Stopping);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Leave_BodyIsStillWithTheClient_IsBrokenOffAtOnce(bool halfSent)
    {
        var body = new FakeBody();
        body.Write("half");
        var call = Running(CallBody.FromStream(body, length: 8));
        if (halfSent)
            Assert.Equal(4, _harness.Begin(() => call.Offer.Body.Open().ReadAsync(new byte[100])).Result);

        call.Leave();

        Assert.Equal(CallError.ClientLeft, call.Failure.Error);
        Assert.True(_harness.Exchanges[0].IsCancelled);
        AssertDiscarded();
    }

    [Fact]
    public async Task Leave_StreamedBodyWasDeliveredToItsEnd_HasTheGrace()
    {
        var body = new FakeBody();
        body.Write("whole");
        var call = Running(CallBody.FromStream(body, length: 5));
        Assert.Equal(5, _harness.Begin(() => call.Offer.Body.Open().ReadAsync(new byte[100])).Result);

        call.Leave();
        Assert.False(call.IsOver);
        _harness.Step(() => _harness.Exchanges[0].Answer(""));
        call.DisposeAnswer();

        await AssertIdleAsync();
    }

    [Fact]
    public async Task DisposeAnswer_BeforeItsEndAndTheRestComesWithinTheGrace_TheContainerStays()
    {
        var (call, body) = Answering();
        var disposed = call.DisposeAnswer();
        Assert.True(disposed is { IsOver: true, Error: null });
        Assert.Equal(1, _harness.Status(_function).Busy);

        _harness.Advance(2 * Second - Tick);
        _harness.Step(() =>
        {
            body.Write("the rest");
            body.End();
        });

        await AssertIdleAsync();
        await _harness.UntilAsync(() => body.IsDisposed);
    }

    [Fact]
    public async Task DisposeAnswer_BeforeItsEndAndTheRestTakesLonger_TheContainerGoes()
    {
        var (call, body) = Answering();
        call.DisposeAnswer();

        _harness.Advance(2 * Second - Tick);
        Assert.Equal(1, _harness.Status(_function).Busy);
        _harness.Advance(Tick);

        AssertDiscarded();
        await _harness.UntilAsync(() => body.IsDisposed);
    }

    [Fact]
    public async Task DisposeAnswer_RestIsDropped_DrainAwaitsIt()
    {
        var (call, body) = Answering();
        call.DisposeAnswer();
        var drained = _harness.Begin(_harness.Engine.DrainAsync);
        Assert.False(drained.IsOver);

        _harness.Step(body.End);

        await _harness.UntilAsync(() => drained.IsOver);
    }

    private EngineCall Running(CallBody? body = null)
    {
        _harness.Warm(_function);
        return new EngineCall(_harness, _function, body: body);
    }

    private (EngineCall Call, FakeBody Body) Answering()
    {
        var call = Running();
        FakeBody? body = null;
        _harness.Step(() =>
        {
            body = _harness.Exchanges[0].Answer();
            body.Write("a part");
        });
        Assert.Equal("a part", call.Read().Result);
        return (call, body!);
    }

    private async Task AssertIdleAsync()
    {
        await _harness.UntilAsync(() => _harness.Status(_function).Busy == 0);
        var status = _harness.Status(_function);
        Assert.Equal((1, 0, 0), (status.Idle, status.Busy, status.Stopping));
    }

    private void AssertDiscarded()
    {
        var status = _harness.Status(_function);
        Assert.Equal((0, 0, 1), (status.Idle, status.Busy, status.Stopping));
    }
}
