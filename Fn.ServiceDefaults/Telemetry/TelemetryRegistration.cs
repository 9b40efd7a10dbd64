using System.Reflection;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Hosting;
using Fn.ServiceDefaults.Telemetry.Otlp;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Fn.ServiceDefaults.Telemetry;

/// <summary>
/// Traces, metrics and logs by OpenTelemetry. Nothing is made or measured that nobody receives: traces and logs only when OTEL_* variables name a receiver,
/// metrics for a receiver or for Prometheus.
/// </summary>
internal static class TelemetryRegistration
{
    /// <summary>The activity source and the meter of the gateway.</summary>
    public const string Gateway = "Fn.Api";

    /// <summary>The activity source and the meter of the runner.</summary>
    public const string Runner = "Fn.Runner";

    public static void AddFnTelemetry(this WebApplicationBuilder builder, ServiceHosting hosting)
    {
        builder.Services.AddFnOptions<TelemetryOptions>(TelemetryOptions.Section);
        builder.Services.TryAddSingleton(services => new FunctionNames(
            services.GetRequiredService<IOptions<TelemetryOptions>>().Value.FunctionNames, services.GetService<TimeProvider>() ?? TimeProvider.System));
        builder.Services.TryAddSingleton(services => new MetricsGate(
            services.GetRequiredService<IOptions<TelemetryOptions>>().Value.MetricsTokens, hosting));
        if (IsOff(builder.Configuration))
            return;
        builder.Services.TryAddSingleton<ExportWatch>();
        builder.Services.AddHostedService<LastExport>();
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource
            // What the operator says of the service comes last, and so wins.
            .AddService(builder.Environment.ApplicationName, serviceVersion: Version)
            .AddEnvironmentVariableDetector());
        AddTraces(telemetry, OtlpSignal.Traces(builder.Configuration));
        AddMetrics(telemetry, OtlpSignal.Metrics(builder.Configuration), Options(builder.Configuration));
        AddLogs(builder, OtlpSignal.Logs(builder.Configuration));
    }

    /// <summary>Maps <c>/metrics</c>, if it is to be served.</summary>
    public static void MapFnTelemetry(this WebApplication app)
    {
        if (IsOff(app.Configuration))
            return;
        // Said here and not where it is read, since there is no log yet.
        OtlpSignal.SayWhatIsNotSpoken(app.Configuration, app.Logger);
        if (!Options(app.Configuration).Prometheus)
            return;
        var gate = app.Services.GetRequiredService<MetricsGate>();
        var scrape = new ApplicationBuilder(app.Services).UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build();
        app.MapGet(MetricsGate.Path, context => gate.Opens(context) ? scrape(context) : MetricsGate.RefuseAsync(context));
    }

    private static string? Version => typeof(TelemetryRegistration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private static bool IsOff(IConfiguration configuration) => string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);

    private static TelemetryOptions Options(IConfiguration configuration) => configuration.ReadFnOptions<TelemetryOptions>(TelemetryOptions.Section);

    private static void AddTraces(OpenTelemetryBuilder telemetry, OtlpSignal? signal)
    {
        if (signal is null)
            return;
        telemetry.WithTracing(traces => traces
            .AddSource(Gateway, Runner)
            .AddProcessor(services => Batched(new WatchedTraceExporter(signal, services.GetRequiredService<ExportWatch>()), new BatchExportActivityProcessorOptions())));

        static BatchActivityExportProcessor Batched(WatchedTraceExporter exporter, BatchExportActivityProcessorOptions options) => new(
            exporter, options.MaxQueueSize, options.ScheduledDelayMilliseconds, options.ExporterTimeoutMilliseconds, options.MaxExportBatchSize);
    }

    private static void AddMetrics(OpenTelemetryBuilder telemetry, OtlpSignal? signal, TelemetryOptions options)
    {
        if (signal is null && !options.Prometheus)
            return;
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(Gateway, Runner, "System.Runtime");
            metrics.AddView(SeriesLimit.View(options.FunctionNames));
            if (options.Prometheus)
                metrics.AddPrometheusExporter();
            if (signal is not null)
                metrics.AddReader(services => Periodic(new WatchedMetricExporter(signal, services.GetRequiredService<ExportWatch>()), new PeriodicExportingMetricReaderOptions()));
        });

        static PeriodicExportingMetricReader Periodic(WatchedMetricExporter exporter, PeriodicExportingMetricReaderOptions periods) => new(
            exporter, periods.ExportIntervalMilliseconds ?? 60_000, periods.ExportTimeoutMilliseconds ?? 30_000);
    }

    private static void AddLogs(WebApplicationBuilder builder, OtlpSignal? signal)
    {
        if (signal is null)
            return;
        builder.Logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            logs.AddProcessor(new FunctionLogRecords());
            var exporter = new OtlpLogExporter(signal.ToOptions());
            logs.AddProcessor(services => Batched(
                new WatchedLogExporter(exporter, signal.Endpoint, services.GetRequiredService<ExportWatch>()), new BatchExportLogRecordProcessorOptions()));
            logs.AddProcessor(new WatchedLogExporter.Adoption(exporter));
        });

        static BatchLogRecordExportProcessor Batched(WatchedLogExporter exporter, BatchExportLogRecordProcessorOptions options) => new(
            exporter, options.MaxQueueSize, options.ScheduledDelayMilliseconds, options.ExporterTimeoutMilliseconds, options.MaxExportBatchSize);
    }
}
