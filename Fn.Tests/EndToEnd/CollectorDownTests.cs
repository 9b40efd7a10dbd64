using System.Net;
using System.Net.Sockets;
using Fn.Tests.Fakes.Otlp;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Nobody receives the telemetry, and then somebody does.</summary>
public sealed class CollectorDownTests
{
    [Fact]
    public async Task Collector_DownAndBack_CallsGoOnAndItIsSaidOnceEach()
    {
        var port = FreePort();
        await using var platform = await Platform.StartAsync(
            0,
            $"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:{port}",
            "OTEL_BSP_SCHEDULE_DELAY=20",
            "OTEL_BLRP_SCHEDULE_DELAY=20",
            "OTEL_METRIC_EXPORT_INTERVAL=50",
            "--Logging:LogLevel:Fn=Information");
        var id = await platform.CreateFaultyAsync();
        await Eventually.HoldsAsync(() => platform.Gateway.Output.Contains("does not get through", StringComparison.Ordinal), "it is said");

        for (var i = 0; i < 20; i++)
            Assert.Equal(200, (await platform.CallAsync(id)).Status);

        Assert.Equal(1, Count(platform, "does not get through"));
        await using var receiver = await OtlpReceiver.StartAsync(port);
        await Eventually.HoldsAsync(() => platform.Gateway.Output.Contains("gets through to", StringComparison.Ordinal), "it works again");
        await receiver.MetricAsync("Fn.Runner", "faas.invocations", metric => metric.Points.Exists(point => point.Value >= 20));
    }

    private static int Count(Platform platform, string words) => platform.Gateway.Output.Split(words).Length - 1;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
