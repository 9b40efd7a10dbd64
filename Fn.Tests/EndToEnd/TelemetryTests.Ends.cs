using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Containers that go, and calls that fail.</summary>
public abstract partial class TelemetryTests
{
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
        Assert.NotEqual((await SpanAsync(trace, "needy")).Tags["faas.instance"], evicted.Tags["faas.instance"]);
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
}
