using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fn.Api.Placement;
using Fn.Api.Telemetry;
using Fn.Runner;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;
using Fn.Tests.Api.Placement;
using Fn.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.Api.Telemetry;

/// <summary>What is traced and counted of a call that runners refuse before one takes it.</summary>
public sealed class PlacementTraceTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly GatewayTelemetry _telemetry;
    private readonly ScriptedRunner[] _runners = [new("runner-1"), new("runner-2")];
    private readonly Placer _placer;

    public PlacementTraceTests()
    {
        _telemetry = new GatewayTelemetry(_services.GetRequiredService<IMeterFactory>(), new FunctionNames(10, TimeProvider.System), TimeProvider.System);
        var view = Views.Of(TimeProvider.System, [.. _runners.Select((runner, i) => new RunnerView($"http://10.0.0.{i}:8081", runner, TimeProvider.System))]);
        _placer = new Placer(view, Options.Create(new CallOptions()), TimeProvider.System, _telemetry);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _telemetry.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task PlaceAsync_OneRefuses_EachOfferIsASpanBelowTheCalls()
    {
        using var spans = new SpanRecorder(_telemetry.Source);
        using var attempts = new MetricCollector<long>(_telemetry.Attempts);
        using var call = _telemetry.Source.StartActivity("call", ActivityKind.Server)!;

        var (offer, taken) = await PlaceAsync();

        var offers = spans.Spans.Where(span => span.OperationName == "offer call").ToList();
        Assert.Equal(["full", null], offers.Select(span => span.GetTagItem(FaasTags.NotPlaced)));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], offers.Select(span => span.Status));
        Assert.All(offers, span => Assert.Equal(call.SpanId, span.ParentSpanId));
        Assert.Equal(offers[1].Context.SpanId, offer.Parent.SpanId);
        var place = spans["place call"];
        Assert.Equal((call.SpanId, 2, taken), (place.ParentSpanId, place.GetTagItem(FaasTags.PlacementAttempts), place.GetTagItem(FaasTags.RunnerId)));
        _telemetry.Flush();
        Assert.Equal(["full", "placed"], attempts.GetMeasurementSnapshot().Select(attempt => attempt.Tags[FaasTags.PlacementOutcome]));
    }

    [Fact]
    public async Task PlaceAsync_CallIsNotSampled_RunnerIsToldSo()
    {
        using var spans = new SpanRecorder(_telemetry.Source, ActivitySamplingResult.PropagationData);
        using var call = _telemetry.Source.StartActivity("call", ActivityKind.Server)!;

        var (offer, _) = await PlaceAsync();

        Assert.Equal((call.TraceId, ActivityTraceFlags.None), (offer.Parent.TraceId, offer.Parent.TraceFlags));
    }

    [Fact]
    public async Task PlaceAsync_NobodyListens_TellsNothing()
    {
        var (offer, _) = await PlaceAsync();

        Assert.False(TraceContextText.IsSet(offer.Parent));
        Assert.Null(Activity.Current);
    }

    /// <summary>Places a call that one runner refuses and the other takes.</summary>
    private async Task<(CallOffer Offer, string Taken)> PlaceAsync()
    {
        var offer = Samples.Offer();
        var favourite = Rendezvous.Weight(Rendezvous.Hash(offer.Function.FunctionId), new RunnerView("http://10.0.0.0:8081", _runners[0], TimeProvider.System).Hash)
            > Rendezvous.Weight(Rendezvous.Hash(offer.Function.FunctionId), new RunnerView("http://10.0.0.1:8081", _runners[1], TimeProvider.System).Hash) ? 0 : 1;
        _runners[favourite].RefuseNext(NotPlacedReason.Full);
        var placing = _placer.PlaceAsync(offer, Cancel).AsTask();
        (await _runners[1 - favourite].NextCallAsync(Cancel)).Accept();
        var placement = await placing;
        Assert.IsType<AcceptedOutcome>(placement.Outcome);
        placement.Release();
        return (offer, _runners[1 - favourite].Name);
    }
}
