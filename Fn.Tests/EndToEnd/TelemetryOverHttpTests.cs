using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>The same telemetry by the other protocol: that all three signals get through.</summary>
public sealed class TelemetryOverHttpTests(TelemetryOverHttp shared) : IClassFixture<TelemetryOverHttp>
{
    [Fact]
    public async Task ColdCall_OverHttp_ArrivesInAllSignals()
    {
        var trace = new ClientTrace();
        var id = await shared.CreateAsync("cold");

        var (status, _, log) = await shared.SayAsync(id, trace);

        Assert.Equal(200, status);
        var gateway = await shared.Receiver.SpanAsync(span => span.TraceId == trace.Id && span.ParentId == trace.SpanId, "the gateway's span");
        var offer = await shared.Receiver.SpanAsync(span => span.ParentId == gateway.SpanId && span.Kind == 3, "the offer's span");
        var runner = await shared.Receiver.SpanAsync(span => span.ParentId == offer.SpanId, "the runner's span");
        var start = await shared.Receiver.SpanAsync(span => span.ParentId == runner.SpanId && span.Name == "cold start", "the start's span");
        await shared.Receiver.SpansAsync(span => span.ParentId == start.SpanId, 5, "the phases of the start");
        var run = await shared.Receiver.SpanAsync(span => span.ParentId == runner.SpanId && span.Name == "run call", "the run's span");
        Assert.Equal((trace.Id, run.SpanId), (log.TraceId, log.SpanId));
        await shared.Receiver.MetricAsync("Fn.Api", "fn.call.duration");
        await shared.Receiver.MetricAsync("Fn.Runner", "faas.invoke_duration");
    }
}
