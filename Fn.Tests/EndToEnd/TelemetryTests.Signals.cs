using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes.Otlp;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Logs and metrics.</summary>
public abstract partial class TelemetryTests
{
    [Fact]
    public async Task FunctionLog_Line_IsARecordOfTheCallsRun()
    {
        var trace = new ClientTrace();
        var id = await shared.CreateAsync("talking");

        var (_, callId, log) = await shared.SayAsync(id, trace);

        var run = await SpanAsync(trace, "run call");
        Assert.Equal((trace.Id, run.SpanId, "Fn.Runner", "Fn.Function"), (log.TraceId, log.SpanId, log.Service, log.Category));
        Assert.Equal(("test/talking", id, callId), (log.Tags["faas.name"], log.Tags["fn.function.id"], log.Tags["faas.invocation_id"]));
        Assert.Equal((await SpanAsync(trace, "talking")).Tags["faas.instance"], log.Tags["faas.instance"]);
    }

    [Fact]
    public async Task PlatformLog_AboutACall_CarriesItsTrace()
    {
        var trace = new ClientTrace();
        var id = await shared.CreateAsync("logged");

        await shared.CallAsync(id, "exit 1", trace.Sampled);

        var gateway = await SpanAsync(trace, GatewaySpan);
        var log = await Receiver.LogAsync(log => log.Service == "Fn.Api" && log.TraceId == trace.Id, "the gateway's warning");
        Assert.Equal(gateway.SpanId, log.SpanId);
        Assert.Contains("failed: AnswerBroken", log.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AfterCallsOfAllFates_HaveTheNamesThatAreDocumented()
    {
        var id = await shared.CreateAsync("measured", memoryMiB: 128);
        await shared.CallAsync(id, "echo", []);
        await shared.CallAsync(id, "echo", []);
        await shared.CallAsync(id, "exit 1", []);
        await shared.CallAsync(id, "echo", []);
        // There is no room for both.
        var slow = await shared.CreateAsync("measured-slow", memoryMiB: 128, timeout: 1);
        await shared.CallAsync(slow, "nothing", []);

        foreach (var (scope, name, unit) in TelemetryNames.Metrics)
            Assert.Equal(unit, (await Receiver.MetricAsync(scope, name)).Unit);
        var duration = await Receiver.MetricAsync("Fn.Api", "fn.call.duration", metric => Has(metric, "measured", "hot", null) && Has(metric, "measured", "cold", null));
        Assert.Equal((0.0001, 60), (duration.Bounds[0], duration.Bounds[^1]));
        var invoke = await Receiver.MetricAsync("Fn.Runner", "faas.invoke_duration");
        Assert.Equal([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10], invoke.Bounds);
        await Receiver.MetricAsync("Fn.Runner", "faas.invoke_duration", metric => Has(metric, "measured-slow", null, nameof(CallError.FunctionTimedOut)));
        await Receiver.MetricAsync("Fn.Runner", "faas.errors", metric => Has(metric, "measured", null, nameof(CallError.AnswerBroken)));
        await Receiver.MetricAsync("Fn.Runner", "faas.timeouts", metric => Has(metric, "measured-slow", null, null));
        await Receiver.MetricAsync("Fn.Runner", "fn.container.evictions", metric => metric.Points.Exists(point => point.Tags.GetValueOrDefault("fn.eviction.reason") is "memory"));

        static bool Has(ReceivedMetric metric, string function, string? start, string? error) => metric.Points.Exists(point =>
            point.Tags.GetValueOrDefault("faas.name") as string == $"test/{function}" && point.Tags.GetValueOrDefault("fn.start") as string == start
            && point.Tags.GetValueOrDefault("error.type") as string == error);
    }
}
