using Fn.Tests.Fakes.Otlp;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Whoever shall receive the telemetry takes it and never answers.</summary>
public sealed class CollectorSlowTests
{
    private const int Clients = 16;

    /// <summary>What the shortest grace period under <c>deploy/</c> leaves of a minute beside the longest drain.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Collector_NeverAnswers_CallsGoOnItIsSaidOnceAndProcessesStop(string protocol)
    {
        await using var collector = new SilentCollector();
        await using var platform = await Platform.StartAsync(
            1,
            $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}",
            $"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}",
            "OTEL_EXPORTER_OTLP_TIMEOUT=3000",
            "OTEL_BSP_SCHEDULE_DELAY=20",
            "OTEL_BLRP_SCHEDULE_DELAY=20",
            "OTEL_METRIC_EXPORT_INTERVAL=50");
        ServiceProcess[] processes = [platform.Gateway, platform.Runners[0]];
        var id = await platform.CreateFaultyAsync();
        foreach (var process in processes)
            await Eventually.HoldsAsync(() => Said(process) > 0, "it is said");

        // So many spans that the queues are full, and then far more than they hold.
        await CallAsync(platform, id, 60);
        var before = processes.Select(SoakFigures.Of).ToList();
        await CallAsync(platform, id, 100);
        var after = processes.Select(SoakFigures.Of).ToList();

        Assert.All(before.Zip(after), pair => Assert.InRange(pair.Second.ResidentKiB - pair.First.ResidentKiB, long.MinValue, 64 * 1024));
        Assert.All(processes, process => Assert.Equal(1, Said(process)));
        foreach (var process in processes)
            await StopAsync(process);
    }

    private static async Task CallAsync(Platform platform, string id, int calls)
    {
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => ClientAsync()));

        async Task ClientAsync()
        {
            for (var i = 0; i < calls; i++)
                Assert.Equal(200, (await platform.CallAsync(id)).Status);
        }
    }

    private static async Task StopAsync(ServiceProcess process)
    {
        process.Terminate();
        await process.WaitForExitAsync().WaitAsync(Grace, TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    private static int Said(ServiceProcess process) => process.Output.Split("does not get through").Length - 1;
}
