using Fn.ServiceDefaults.Telemetry.Otlp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using OpenTelemetry;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Telemetry;

public sealed class ExportWatchTests
{
    private static readonly Uri Collector = new("http://collector:4317");

    [Fact]
    public void Note_SignalsFailAndWorkAgain_IsSaidOnceEach()
    {
        var log = new FakeLogger<ExportWatch>();
        using var services = new ServiceCollection().AddSingleton<ILogger<ExportWatch>>(log).BuildServiceProvider();
        var watch = new ExportWatch(services);

        watch.Note("logs", Collector, ExportResult.Success);
        Assert.Equal(0, log.Collector.Count);
        watch.Note("traces", Collector, ExportResult.Failure);
        watch.Note("metrics", Collector, ExportResult.Failure);
        watch.Note("traces", Collector, ExportResult.Failure);
        Assert.Equal(LogLevel.Warning, Assert.Single(log.Collector.GetSnapshot()).Level);
        watch.Note("logs", Collector, ExportResult.Success);
        Assert.Equal(1, log.Collector.Count);
        watch.Note("metrics", Collector, ExportResult.Success);
        watch.Note("traces", Collector, ExportResult.Success);
        Assert.Equal([LogLevel.Warning, LogLevel.Information], log.Collector.GetSnapshot().Select(record => record.Level));
    }

    [Fact]
    public void Note_ServicesAreGone_IsQuiet()
    {
        var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        services.Dispose();

        Assert.Equal(ExportResult.Failure, new ExportWatch(services).Note("traces", Collector, ExportResult.Failure));
    }
}
