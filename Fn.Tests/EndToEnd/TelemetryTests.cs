using Fn.Tests.Fakes.Otlp;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Calls of all fates, as a receiver of their telemetry sees them. Run over each protocol.</summary>
public abstract partial class TelemetryTests(TelemetryPlatform shared)
{
    private protected const string GatewaySpan = "POST /invoke/{fnId}";

    private protected OtlpReceiver Receiver => shared.Receiver;

    [Fact]
    public async Task ColdCall_IsOneTraceFromTheClientToTheFunction()
    {
        var trace = new ClientTrace();
        var id = await shared.CreateAsync("cold");

        var (status, head, callId) = await shared.CallAsync(id, "head", trace.Sampled);

        Assert.Equal(200, status);
        var gateway = await SpanAsync(trace, GatewaySpan);
        Assert.Equal((trace.SpanId, 2, 0, "Fn.Api"), (gateway.ParentId, gateway.Kind, gateway.Status, gateway.Service));
        var runnerId = (await shared.Platform.StatusAsync()).RunnerId;
        AssertTags(
            gateway, ("http.response.status_code", 200L), ("http.request.method", "POST"), ("http.route", "/invoke/{fnId}"), ("url.path", $"/invoke/{id}"),
            ("faas.invocation_id", callId), ("faas.name", "test/cold"), ("fn.function.id", id), ("fn.start", "cold"), ("fn.runner.id", runnerId));

        var place = await SpanAsync(trace, "place call");
        AssertTags(place, ("fn.placement.attempts", 1L), ("fn.placement.reason", "only_runner"), ("fn.runner.id", runnerId));
        var offer = await SpanAsync(trace, "offer call");
        Assert.Equal((gateway.SpanId, gateway.SpanId, 3), (place.ParentId, offer.ParentId, offer.Kind));
        AssertTags(offer, ("faas.invoked_name", "test/cold"), ("faas.invoked_provider", "fn"), ("faas.invocation_id", callId), ("fn.placement.reason", "only_runner"), ("fn.runner.id", runnerId));

        var runner = await SpanAsync(trace, "cold");
        Assert.Equal((offer.SpanId, 2, "Fn.Runner"), (runner.ParentId, runner.Kind, runner.Service));
        AssertTags(
            runner, ("faas.trigger", "http"), ("faas.coldstart", true), ("faas.invocation_id", callId), ("faas.name", "test/cold"), ("faas.max_memory", 64L << 20),
            ("fn.function.id", id), ("fn.format", "http-stream"), ("fn.runner.id", runnerId));
        var container = (string)runner.Tags["faas.instance"];
        AssertTags(gateway, ("faas.instance", container));
        Assert.Equal(32, ((string)runner.Tags["faas.version"]).Length);
        Assert.StartsWith("process:", (string)runner.Tags["container.image.name"], StringComparison.Ordinal);

        var wait = await SpanAsync(trace, "wait slot");
        var run = await SpanAsync(trace, "run call");
        Assert.Equal((runner.SpanId, runner.SpanId), (wait.ParentId, run.ParentId));
        AssertTags(run, ("faas.instance", container));
        AssertTags(wait, ("fn.wait.reason", "no container runs"));
        Assert.Empty(wait.Links);
        Assert.Equal(wait.End, run.Start);
        Assert.Contains(run.Events, happened => happened.Name == "answered");
        Assert.Contains($"traceparent: 00-{trace.Id}-{run.SpanId}-01\n", head, StringComparison.OrdinalIgnoreCase);
        await AssertStartAsync(trace, runner, container);
    }

    [Fact]
    public async Task HotCall_HasNeitherWaitNorStart()
    {
        var trace = new ClientTrace();
        var id = await shared.CreateAsync("hot");
        await shared.CallAsync(id, "echo", new ClientTrace().Sampled);

        await shared.CallAsync(id, "echo", trace.Sampled);

        var runner = await SpanAsync(trace, "hot");
        AssertTags(await SpanAsync(trace, GatewaySpan), ("fn.start", "hot"), ("faas.instance", runner.Tags["faas.instance"]));
        AssertTags(runner, ("faas.coldstart", false));
        var spans = await Receiver.SpansAsync(span => span.TraceId == trace.Id, 5, "the hot call's spans");
        Assert.Equal(["POST /invoke/{fnId}", "hot", "offer call", "place call", "run call"], spans.Select(span => span.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task WaitingCall_LinksToTheStartThatAnotherCallCaused()
    {
        ClientTrace first = new(), second = new();
        var id = await shared.CreateAsync("herd");

        await Task.WhenAll(shared.CallAsync(id, "sleep 50", first.Sampled), shared.CallAsync(id, "sleep 50", second.Sampled));

        var start = await Receiver.SpanAsync(span => span.Name == "cold start" && (span.TraceId == first.Id || span.TraceId == second.Id), "the one start");
        var other = start.TraceId == first.Id ? second : first;
        var wait = await SpanAsync(other, "wait slot");
        var link = Assert.Single(wait.Links);
        Assert.Equal((start.SpanId, "start"), (link.SpanId, link.Tags["fn.link"]));
        AssertTags(wait, ("fn.wait.reason", "the first container is being started"));
        AssertTags(await SpanAsync(other, "herd"), ("faas.coldstart", false), ("faas.instance", start.Tags["faas.instance"]));
    }

    [Fact]
    public async Task DetachedCall_StaysInTheTrace()
    {
        var trace = new ClientTrace();
        var id = await shared.CreateAsync("detached");

        Assert.Equal(202, (await shared.CallAsync(id, "sleep 20", trace.Sampled, detached: true)).Status);

        var offer = await SpanAsync(trace, "offer call");
        var runner = await SpanAsync(trace, "detached");
        Assert.Equal(offer.SpanId, runner.ParentId);
        AssertTags(runner, ("fn.call.detached", true));
        Assert.Equal(runner.SpanId, (await SpanAsync(trace, "run call")).ParentId);
    }

    private static void AssertTags(ReceivedSpan span, params (string Name, object Value)[] tags) =>
        Assert.Equal(tags, tags.Select(tag => (tag.Name, span.Tags.GetValueOrDefault(tag.Name, "(none)"))));

    private protected Task<ReceivedSpan> SpanAsync(ClientTrace trace, string name) =>
        Receiver.SpanAsync(span => span.TraceId == trace.Id && span.Name == name, $"the span '{name}' of trace {trace.Id}");

    private async Task AssertStartAsync(ClientTrace trace, ReceivedSpan runner, string container)
    {
        var start = await SpanAsync(trace, "cold start");
        Assert.Equal(runner.SpanId, start.ParentId);
        AssertTags(
            start, ("fn.launch.waiting", 1L), ("fn.launch.ready", 0L), ("fn.launch.starting", 0L), ("fn.launch.decision", 1L), ("fn.launch.step", 1L),
            ("fn.launch.reason", "first container: 1 waiting, 0 ready, 0 starting"), ("faas.instance", container), ("fn.driver", "process"));
        var phases = await Receiver.SpansAsync(span => span.ParentId == start.SpanId, 5, "the phases of the start");
        phases.Sort((one, other) => (one.Start, one.End).CompareTo((other.Start, other.End)));
        Assert.Equal(["wait start", "pull image", "create container", "start container", "ready"], phases.Select(phase => phase.Name));
        Assert.Equal(phases.Skip(1).Select(phase => phase.Start), phases.SkipLast(1).Select(phase => phase.End));
        Assert.Equal(start.End, phases[^1].End);
        // The same instant, reckoned from the clock at two times.
        Assert.InRange(phases[0].Start - start.Start, -1_000_000, 1_000_000);
    }
}
