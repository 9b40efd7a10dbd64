using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes.Otlp;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Calls of all fates, as a receiver of their telemetry sees them.</summary>
public sealed class TelemetryTests(TelemetryOverGrpc shared) : IClassFixture<TelemetryOverGrpc>
{
    private const string GatewaySpan = "POST /invoke/{fnId}";

    private OtlpReceiver Receiver => shared.Receiver;

    [Fact]
    public async Task ColdCall_IsOneTraceFromTheClientToTheFunction()
    {
        var trace = new ClientTrace();
        var id = await shared.CreateAsync("cold");

        var (status, head, callId) = await shared.CallAsync(id, "head", trace.Sampled);

        Assert.Equal(200, status);
        var gateway = await SpanAsync(trace, GatewaySpan);
        Assert.Equal((trace.SpanId, 2, 0, "Fn.Api"), (gateway.ParentId, gateway.Kind, gateway.Status, gateway.Service));
        AssertTags(gateway, ("http.response.status_code", 200L), ("http.request.method", "POST"), ("faas.invocation_id", callId), ("fn.start", "cold"));

        var place = await SpanAsync(trace, "place call");
        AssertTags(place, ("fn.placement.attempts", 1L), ("fn.placement.reason", "only_runner"));
        var offer = await SpanAsync(trace, "offer call");
        Assert.Equal((gateway.SpanId, gateway.SpanId, 3), (place.ParentId, offer.ParentId, offer.Kind));
        AssertTags(offer, ("faas.invoked_name", "test/cold"), ("faas.invoked_provider", "fn"));

        var runner = await SpanAsync(trace, "cold");
        Assert.Equal((offer.SpanId, 2, "Fn.Runner"), (runner.ParentId, runner.Kind, runner.Service));
        AssertTags(
            runner, ("faas.trigger", "http"), ("faas.coldstart", true), ("faas.invocation_id", callId), ("faas.name", "test/cold"), ("faas.max_memory", 64L << 20),
            ("fn.function.id", id), ("fn.format", "http-stream"));
        Assert.Equal(32, ((string)runner.Tags["faas.version"]).Length);
        Assert.StartsWith("process:", (string)runner.Tags["container.image.name"], StringComparison.Ordinal);

        var wait = await SpanAsync(trace, "wait slot");
        var run = await SpanAsync(trace, "run call");
        Assert.Equal((runner.SpanId, runner.SpanId), (wait.ParentId, run.ParentId));
        Assert.Empty(wait.Links);
        Assert.Equal(wait.End, run.Start);
        Assert.Contains(run.Events, happened => happened.Name == "answered");
        Assert.Contains($"traceparent: 00-{trace.Id}-{run.SpanId}-01\n", head, StringComparison.OrdinalIgnoreCase);
        await AssertStartAsync(trace, runner, (string)runner.Tags["faas.instance"]);
    }

    [Fact]
    public async Task HotCall_HasNeitherWaitNorStart()
    {
        var trace = new ClientTrace();
        var id = await shared.CreateAsync("hot");
        await shared.CallAsync(id, "echo", new ClientTrace().Sampled);

        await shared.CallAsync(id, "echo", trace.Sampled);

        var runner = await SpanAsync(trace, "hot");
        await SpanAsync(trace, GatewaySpan);
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
        AssertTags(await SpanAsync(other, "herd"), ("faas.coldstart", false));
    }

    [Fact]
    public async Task EvictedContainer_IsATraceOfItsOwn_LinkedToTheStartItMadeRoomFor()
    {
        ClientTrace victims = new(), trace = new();
        var victim = await shared.CreateAsync("victim", memoryMiB: 128);
        var id = await shared.CreateAsync("needy", memoryMiB: 128);
        await shared.CallAsync(victim, "echo", victims.Sampled);

        Assert.Equal(200, (await shared.CallAsync(id, "echo", trace.Sampled)).Status);

        var start = await SpanAsync(trace, "cold start");
        Assert.Contains("fn victim container ", (string)start.Tags["fn.eviction"], StringComparison.Ordinal);
        var evicted = await Receiver.SpanAsync(span => span.Name == "evict container" && (string)span.Tags["faas.name"] == "test/victim", "the eviction");
        Assert.Equal("", evicted.ParentId);
        AssertTags(evicted, ("fn.eviction.reason", "memory"), ("fn.for.name", "test/needy"), ("fn.container.calls", 1L));
        var own = await SpanAsync(victims, "cold start");
        Assert.Equal([(start.SpanId, "room_for"), (own.SpanId, "start")], evicted.Links.Select(link => (link.SpanId, (string)link.Tags["fn.link"])));
    }

    [Fact]
    public async Task IdleContainer_WhenItsTimeIsOver_IsATraceOfItsOwn()
    {
        var trace = new ClientTrace();
        var id = await shared.CreateAsync("short", idleTimeout: 1);

        await shared.CallAsync(id, "echo", trace.Sampled);

        var start = await SpanAsync(trace, "cold start");
        var ended = await Receiver.SpanAsync(span => span.Name == "stop idle container" && (string)span.Tags["fn.function.id"] == id, "the container's end");
        Assert.Equal("", ended.ParentId);
        AssertTags(ended, ("fn.stop.reason", "idle_timeout"));
        Assert.Equal(start.SpanId, Assert.Single(ended.Links).SpanId);
    }

    [Theory]
    [InlineData("nothing", 504, nameof(CallError.FunctionTimedOut))]
    [InlineData("exit 3", 502, nameof(CallError.AnswerBroken))]
    public async Task FailedCall_SaysWhyOnEachSpan(string behaviour, int status, string error)
    {
        var trace = new ClientTrace();
        var id = await shared.CreateAsync($"failing{status}", timeout: 1);

        var call = await shared.CallAsync(id, behaviour, trace.Sampled);

        Assert.Equal(status, call.Status);
        foreach (var name in (string[])[GatewaySpan, "offer call", $"failing{status}", "run call"])
        {
            var span = await SpanAsync(trace, name);
            Assert.Equal(2, span.Status);
            AssertTags(span, ("error.type", error));
            Assert.Equal("faas.invocation.exception", Assert.Single(span.Events).Name);
        }
        AssertTags(await SpanAsync(trace, GatewaySpan), ("http.response.status_code", (long)status));
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

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-01")]
    public async Task TraceParent_Malformed_BeginsANewTrace(params string[] lines)
    {
        var id = await shared.CreateAsync($"malformed{Guid.NewGuid():N}");

        var (status, head, callId) = await shared.CallAsync(id, "head", lines);

        Assert.Equal(200, status);
        var gateway = await Receiver.SpanAsync(span => span.Name == GatewaySpan && (string)span.Tags["faas.invocation_id"] == callId, "the call's span");
        Assert.Equal("", gateway.ParentId);
        Assert.DoesNotContain(lines, line => line.Contains(gateway.TraceId, StringComparison.OrdinalIgnoreCase));
        Assert.Contains($"traceparent: 00-{gateway.TraceId}-", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task TraceParent_Unsampled_ReachesTheFunctionAndMakesNoSpan()
    {
        ClientTrace unsampled = new(), sampled = new();
        var id = await shared.CreateAsync("unsampled");

        var call = await shared.CallAsync(id, "head", unsampled.Unsampled);
        await shared.CallAsync(id, "echo", sampled.Sampled);

        Assert.Matches($"(?i)traceparent: 00-{unsampled.Id}-[0-9a-f]{{16}}-00\n", call.Body);
        await SpanAsync(sampled, GatewaySpan);
        await SpanAsync(sampled, "unsampled");
        Assert.Empty(await Receiver.SpansAsync(span => span.TraceId == unsampled.Id, 0, "nothing"));
    }

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
    public async Task Metrics_AfterCalls_HaveTheNamesThatAreDocumented()
    {
        var id = await shared.CreateAsync("measured");
        await shared.CallAsync(id, "echo", []);
        await shared.CallAsync(id, "echo", []);
        await shared.CallAsync(id, "exit 1", []);

        foreach (var (scope, name, unit) in TelemetryNames.Metrics)
            Assert.Equal(unit, (await Receiver.MetricAsync(scope, name)).Unit);
        var duration = await Receiver.MetricAsync("Fn.Api", "fn.call.duration", metric =>
            metric.Points.Exists(point => Is(point.Tags, "hot", null)) && metric.Points.Exists(point => Is(point.Tags, "cold", null)));
        Assert.Equal((0.0001, 60), (duration.Bounds[0], duration.Bounds[^1]));
        var invoke = await Receiver.MetricAsync("Fn.Runner", "faas.invoke_duration");
        Assert.Equal([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10], invoke.Bounds);

        static bool Is(Dictionary<string, object> tags, string start, string? error) =>
            tags.GetValueOrDefault("faas.name") is "test/measured" && tags.GetValueOrDefault("fn.start") is string said && said == start && tags.GetValueOrDefault("error.type") as string == error;
    }

    [Fact]
    public async Task Prometheus_ReadsBothServices()
    {
        var id = await shared.CreateAsync("scraped");
        await shared.CallAsync(id, "echo", []);

        foreach (var (service, name) in (IEnumerable<(Uri, string)>)
            [(shared.Platform.Gateway.Address, "fn_call_duration_seconds_bucket"), (shared.Platform.Runners[0].Address, "faas_invoke_duration_seconds_bucket")])
        {
            await Eventually.HoldsAsync(
                async () => (await shared.Platform.Http.GetStringAsync(new Uri(service, "/metrics"), TestContext.Current.CancellationToken))
                    .Split('\n').Any(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains("faas_name=\"test/scraped\"", StringComparison.Ordinal)),
                $"{service} tells {name} of the function");
        }
    }

    private static void AssertTags(ReceivedSpan span, params (string Name, object Value)[] tags) =>
        Assert.Equal(tags, tags.Select(tag => (tag.Name, span.Tags.GetValueOrDefault(tag.Name, "(none)"))));

    private Task<ReceivedSpan> SpanAsync(ClientTrace trace, string name) =>
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
