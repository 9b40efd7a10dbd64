using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;

namespace Fn.ServiceDefaults.Telemetry.Otlp;

/// <summary>Sends traces. A subclass and no wrapper, because an exporter learns its resource from the provider it belongs to.</summary>
internal sealed class WatchedTraceExporter(OtlpSignal signal, ExportWatch watch) : OtlpTraceExporter(signal.ToOptions())
{
    private readonly Uri _endpoint = signal.Endpoint;

    public override ExportResult Export(in Batch<Activity> activityBatch) => watch.Note("traces", _endpoint, base.Export(activityBatch));
}

/// <summary>Sends metrics.</summary>
internal sealed class WatchedMetricExporter(OtlpSignal signal, ExportWatch watch) : OtlpMetricExporter(signal.ToOptions())
{
    private readonly Uri _endpoint = signal.Endpoint;

    public override ExportResult Export(in Batch<Metric> metrics) => watch.Note("metrics", _endpoint, base.Export(metrics));
}

/// <summary>Sends logs by an exporter that cannot be subclassed; <see cref="Adoption"/> tells that one of its provider.</summary>
internal sealed class WatchedLogExporter(OtlpLogExporter inner, Uri endpoint, ExportWatch watch) : BaseExporter<LogRecord>
{
    public override ExportResult Export(in Batch<LogRecord> batch) => watch.Note("logs", endpoint, inner.Export(batch));

    protected override bool OnForceFlush(int timeoutMilliseconds) => inner.ForceFlush(timeoutMilliseconds);

    /// <summary>
    /// Exports nothing. An exporter learns from its processor which provider, and so which resource, it belongs to; to be added behind the one that exports,
    /// since it is also shut down through this.
    /// </summary>
    internal sealed class Adoption(OtlpLogExporter exporter) : BaseExportProcessor<LogRecord>(exporter)
    {
        protected override void OnExport(LogRecord data)
        {
        }
    }
}
