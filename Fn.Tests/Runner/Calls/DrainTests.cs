using Fn.Runner.Calls;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Slots;
using Xunit;

namespace Fn.Tests.Runner.Calls;

/// <summary>How a runner stops: no new calls, those that run to their end, then the containers.</summary>
public sealed class DrainTests : IDisposable
{
    private readonly SlotHarness _harness = new(budgetMiB: 192);
    private readonly FunctionSpec _function = SlotHarness.Function("f");

    private RunnerEngine Engine => _harness.Engine;

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Drain_NothingRuns_IsOverAtOnceAndTakesNoCalls()
    {
        _harness.Warm(_function);

        Assert.True(_harness.Begin(Engine.DrainAsync) is { IsOver: true, Error: null });

        Assert.True(Engine.GetStatus().Draining);
        Assert.Equal(NotPlacedReason.Draining, new EngineCall(_harness, _function).Refusal);
        Assert.Equal(NotPlacedReason.Draining, new EngineCall(_harness, _function, detached: true).Refusal);
        Assert.Equal(NotPlacedReason.Draining, new EngineCall(_harness, SlotHarness.Function("unknown")).Refusal);
    }

    [Fact]
    public void Drain_CallRuns_AwaitsTheEndOfItsAnswer()
    {
        var call = Running();
        var drained = _harness.Begin(Engine.DrainAsync);
        FakeBody? body = null;
        _harness.Step(() => body = _harness.Exchanges[0].Answer());
        var read = call.Read();
        Assert.False(drained.IsOver);

        _harness.Step(body!.End);

        Assert.Equal("", read.Result);
        Assert.True(drained is { IsOver: true, Error: null });
    }

    [Fact]
    public void Drain_CallsWait_RefusesThemSoThatTheyGoElsewhere()
    {
        Running();
        var cold = new EngineCall(_harness, SlotHarness.Function("cold"));
        var waiting = new EngineCall(_harness, _function);
        _harness.Begin(Engine.DrainAsync);

        Assert.Equal(NotPlacedReason.Draining, waiting.Refusal);
        Assert.Equal(NotPlacedReason.Draining, cold.Refusal);
    }

    [Fact]
    public async Task Stop_ContainersOfAllKinds_IsOverWhenTheyAreGone()
    {
        _harness.Warm(_function);
        _ = new EngineCall(_harness, SlotHarness.Function("starting"));
        var containers = _harness.Driver.Containers;
        _harness.Begin(Engine.DrainAsync);

        var stopped = _harness.Begin(Engine.StopAsync);
        await _harness.UntilAsync(() => containers.All(container => container.IsRemoving));
        Assert.False(stopped.IsOver);
        _harness.Step(containers[0].FinishRemoval);
        Assert.False(stopped.IsOver);
        _harness.Step(containers[1].FinishRemoval);

        await _harness.UntilAsync(() => stopped.IsOver);
        Assert.Equal(0, _harness.Ledger.Reserved);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_CallStillRuns_IsBrokenOff(bool detached)
    {
        var call = Running(detached);
        var container = _harness.Of(_function).Single();

        var stopped = _harness.Begin(Engine.StopAsync);
        await _harness.UntilAsync(() => container.IsRemoving);
        Assert.True(_harness.Exchanges[0].IsCancelled);
        Assert.False(stopped.IsOver);
        if (!detached)
            Assert.Equal(CallError.RunnerLost, call.Failure.Error);

        _harness.Step(container.FinishRemoval);
        await _harness.UntilAsync(() => stopped.IsOver);
        Assert.Equal(0, _harness.Ledger.Reserved);
    }

    [Fact]
    public async Task Stop_AnswerThatNobodyReads_DoesNotHoldItUp()
    {
        var call = Running();
        _harness.Step(() => _harness.Exchanges[0].Answer());
        var container = _harness.Of(_function).Single();
        var stopped = _harness.Begin(Engine.StopAsync);
        await _harness.UntilAsync(() => container.IsRemoving);
        _harness.Step(container.FinishRemoval);
        await _harness.UntilAsync(() => stopped.IsOver);

        // Should somebody read it yet, they are told.
        Assert.Equal(CallError.RunnerLost, Assert.IsType<CallBrokenException>(call.Read().Error).Failure.Error);
    }

    [Fact]
    public void Stop_DetachedCallWaits_IsRefused()
    {
        Running();
        _ = new EngineCall(_harness, _function, detached: true);
        Assert.Equal(1, _harness.Queue.Waiting);

        _harness.Begin(Engine.StopAsync);

        Assert.Equal(0, _harness.Queue.Waiting);
        Assert.Single(_harness.Exchanges);
    }

    private EngineCall Running(bool detached = false)
    {
        _harness.Warm(_function);
        return new EngineCall(_harness, _function, detached);
    }
}
