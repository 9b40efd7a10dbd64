using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fn.Runner.Telemetry;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Calls;
using Fn.Tests.Runner.Slots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Xunit;

namespace Fn.Tests.Runner.Telemetry;

/// <summary>Spans and metrics of the engine, over fake containers and a fake clock.</summary>
public sealed class RunnerTelemetryTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly RunnerTelemetry _telemetry;
    private readonly SlotHarness _harness;
    private readonly FunctionSpec _function = SlotHarness.Function("f", 128);

    public RunnerTelemetryTests()
    {
        _telemetry = new RunnerTelemetry(_services.GetRequiredService<IMeterFactory>(), new FunctionNames(10, TimeProvider.System));
        _harness = new SlotHarness(budgetMiB: 128, telemetry: _telemetry);
    }

    public void Dispose()
    {
        _harness.Dispose();
        _telemetry.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Call_NobodyListens_MakesNoSpan()
    {
        var call = Answered(_function);

        Assert.Null(call.Offer.Span);
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void Call_ClientSentItsTraceAndTheGatewayDoesNotTrace_IsBelowTheClients()
    {
        using var spans = new SpanRecorder(_telemetry.Source);
        _harness.Warm(_function);

        var offer = SlotHarness.Offer(_harness.Time, _function, null, headers: [new Header("TraceParent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]);
        _harness.Begin(() => _harness.Engine.OfferAsync(offer, CancellationToken.None));

        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", offer.Span!.TraceId.ToHexString());
        Assert.Equal("run call", offer.Span.OperationName);
    }

    [Fact]
    public void Call_NotSampled_KeepsOneSpanToPassOnAndTagsNothing()
    {
        using var spans = new SpanRecorder(_telemetry.Source, ActivitySamplingResult.PropagationData);

        var call = Answered(_function);

        var only = Assert.Single(spans.Spans);
        Assert.Same(only, call.Offer.Span);
        Assert.Empty(only.TagObjects);
    }

    [Fact]
    public void Call_Refused_SaysWhy()
    {
        using var spans = new SpanRecorder(_telemetry.Source);
        _harness.Busy(SlotHarness.Function("other", 128));

        Assert.Equal(NotPlacedReason.Full, new EngineCall(_harness, _function, wait: null).Refusal);

        var span = spans["f"];
        Assert.Equal(("full", "full", ActivityStatusCode.Error), (span.GetTagItem(FaasTags.NotPlaced), span.GetTagItem(FaasTags.ErrorType), span.Status));
        Assert.Empty(span.Events);
    }

    [Fact]
    public void Call_ContainerFoundDead_RunsAgainInTheSameTrace()
    {
        using var spans = new SpanRecorder(_telemetry.Source);
        _harness.Warm(_function);
        var call = new EngineCall(_harness, _function);

        _harness.Step(_harness.Exchanges[^1].NotSent);
        _harness.Settle();
        _harness.Step(() => _harness.Exchanges[^1].Answer(""));
        call.Read();

        var runs = spans.Spans.Where(span => span.OperationName == "run call").ToList();
        Assert.Equal(["not_sent", null], runs.Select(run => run.GetTagItem(FaasTags.ErrorType)));
        Assert.All(runs, run => Assert.Equal(spans["f"].SpanId, run.ParentSpanId));
        Assert.Equal([FaasTags.InvocationException, "answered"], runs.SelectMany(run => run.Events).Select(happened => happened.Name));
    }

    [Fact]
    public void Start_Fails_TheFirstPhaseThatWasNotReachedSaysIt()
    {
        using var spans = new SpanRecorder(_telemetry.Source);
        var calls = new[] { new EngineCall(_harness, _function), new EngineCall(_harness, _function) };

        _harness.FinishStart(_function, after: TimeSpan.FromMilliseconds(100), new CallFailure(CallError.EngineUnavailable));

        Assert.All(calls, call => Assert.Equal(CallError.EngineUnavailable, call.Failure.Error));
        var start = spans["cold start"];
        Assert.Equal(["wait start", "pull image", "create container", "start container"], spans.Spans.Where(span => span.ParentSpanId == start.SpanId).Select(span => span.OperationName));
        Assert.Equal((ActivityStatusCode.Error, ActivityStatusCode.Error), (start.Status, spans["start container"].Status));
        Assert.Equal(TimeSpan.FromMilliseconds(100), start.Duration);
        // The call that did not cause it points at it.
        var links = spans.Spans.Where(span => span.OperationName == "wait slot").SelectMany(span => span.Links).ToList();
        Assert.Equal(start.SpanId, Assert.Single(links).Context.SpanId);
    }

    [Fact]
    public void Metrics_CallsOfAllFates_AreCounted()
    {
        using var invocations = Collect(_telemetry.Invocations);
        using var coldStarts = Collect(_telemetry.ColdStarts);
        using var timeouts = Collect(_telemetry.Timeouts);
        using var errors = Collect(_telemetry.Errors);
        using var durations = new MetricCollector<double>(_telemetry.InvokeDuration);
        using var waits = new MetricCollector<double>(_telemetry.SlotWait);
        Answered(_function, after: TimeSpan.FromMilliseconds(7));
        Answered(_function);
        var slow = new EngineCall(_harness, _function);
        _harness.Advance(_function.Timeout);
        Assert.Equal(CallError.FunctionTimedOut, slow.Failure.Error);
        _harness.Settle();
        var crashed = new EngineCall(_harness, _function);
        _harness.Settle();
        _harness.Step(() => _harness.Exchanges[^1].Fail(new CallFailure(CallError.AnswerBroken)));
        Assert.Equal(CallError.AnswerBroken, crashed.Failure.Error);

        _telemetry.Flush();
        Assert.Equal((2, 2, 1, 1), (invocations.GetMeasurementSnapshot().Count, coldStarts.GetMeasurementSnapshot().Count, timeouts.GetMeasurementSnapshot().Count, errors.GetMeasurementSnapshot().Count));
        Assert.Equal([0.007, 0, 30, 0], durations.GetMeasurementSnapshot().Select(measurement => measurement.Value));
        Assert.Equal([null, null, "FunctionTimedOut", "AnswerBroken"], durations.GetMeasurementSnapshot().Select(measurement => measurement.Tags.GetValueOrDefault(FaasTags.ErrorType)));
        Assert.All(durations.GetMeasurementSnapshot(), measurement => Assert.Equal("app/f", measurement.Tags[FaasTags.Name]));
        Assert.Equal(["cold", "cold"], waits.GetMeasurementSnapshot().Select(measurement => measurement.Tags[FaasTags.Start]));
    }

    [Fact]
    public void Metrics_ContainersGo_SayWhy()
    {
        using var stops = Collect(_telemetry.Stops);
        using var evictions = Collect(_telemetry.Evictions);
        _harness.Warm(SlotHarness.Function("idle", 128, idleTimeout: 1));
        _harness.Advance(TimeSpan.FromSeconds(1));
        _harness.Settle();
        _harness.Warm(SlotHarness.Function("victim", 128));
        _harness.Advance(TimeSpan.FromSeconds(2));
        var call = new EngineCall(_harness, _function);
        _harness.Settle();
        Assert.False(call.IsOver);
        _harness.Step(() => _harness.Exchanges[^1].Answer(""));
        call.Read();
        _harness.Begin(() => _harness.Engine.EvictIdleAsync(null, CancellationToken.None));
        _harness.Settle();

        Assert.Equal(["idle_timeout", "memory", "asked"], stops.GetMeasurementSnapshot().Select(measurement => measurement.Tags[FaasTags.StopReason]));
        Assert.Equal(["memory", "asked"], evictions.GetMeasurementSnapshot().Select(measurement => measurement.Tags[FaasTags.EvictionReason]));
    }

    private static MetricCollector<long> Collect(Counter<long> counter) => new(counter);

    /// <summary>Makes a call that is answered, after its container has started if it needs one.</summary>
    private EngineCall Answered(FunctionSpec function, TimeSpan after = default)
    {
        var call = new EngineCall(_harness, function);
        _harness.Settle();
        _harness.Advance(after);
        _harness.Step(() => _harness.Exchanges[^1].Answer(""));
        call.Read();
        return call;
    }
}
