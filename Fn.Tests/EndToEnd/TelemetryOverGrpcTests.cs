using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>By gRPC; and what does not depend on the protocol.</summary>
public sealed class TelemetryOverGrpcTests(TelemetryOverGrpc shared) : TelemetryTests(shared), IClassFixture<TelemetryOverGrpc>
{
    private readonly TelemetryOverGrpc _shared = shared;

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-01")]
    public async Task TraceParent_Malformed_BeginsANewTrace(params string[] lines)
    {
        var id = await _shared.CreateAsync($"malformed{Guid.NewGuid():N}");

        var (status, head, callId) = await _shared.CallAsync(id, "head", lines);

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
        var id = await _shared.CreateAsync("unsampled");

        var call = await _shared.CallAsync(id, "head", unsampled.Unsampled);
        await _shared.CallAsync(id, "echo", sampled.Sampled);

        Assert.Matches($"(?i)traceparent: 00-{unsampled.Id}-[0-9a-f]{{16}}-00\n", call.Body);
        await SpanAsync(sampled, GatewaySpan);
        await SpanAsync(sampled, "unsampled");
        Assert.Empty(await Receiver.SpansAsync(span => span.TraceId == unsampled.Id, 0, "nothing"));
    }

    [Fact]
    public async Task Prometheus_ReadsBothServices()
    {
        var id = await _shared.CreateAsync("scraped");
        await _shared.CallAsync(id, "echo", []);

        foreach (var (service, name) in (IEnumerable<(Uri, string)>)
            [(_shared.Platform.Gateway.Address, "fn_call_duration_seconds_bucket"), (_shared.Platform.Runners[0].Address, "faas_invoke_duration_seconds_bucket")])
        {
            await Eventually.HoldsAsync(
                async () => (await _shared.Platform.Http.GetStringAsync(new Uri(service, "/metrics"), TestContext.Current.CancellationToken))
                    .Split('\n').Any(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains("faas_name=\"test/scraped\"", StringComparison.Ordinal)),
                $"{service} tells {name} of the function");
        }
    }
}
