using System.Globalization;
using Fn.Bench.RedisOps;

namespace Fn.Bench.Telemetry;

/// <summary>How many hot calls a second are left when they are measured and traced.</summary>
internal static class TelemetryBench
{
    private const int Clients = 16;
    private const int Rounds = 5;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    public static async Task<IReadOnlyList<TelemetryFigures>> RunAsync(CancellationToken cancel)
    {
        await using var sink = await OtlpSink.StartAsync();
        (string Name, string[] Settings)[] variants =
        [
            ("nothing", ["--Fn:Telemetry:Prometheus=false"]),
            ("metrics for Prometheus, no traces", []),
            ("all signals sent, 1 % of the traces", Sent(sink, "0.01")),
            ("all signals sent, all traces", Sent(sink, "1")),
        ];
        var figures = new List<TelemetryFigures>();
        figures.AddRange(await MeasureAsync("one process", variants, sink, settings => Services.StartEmbeddedAsync(cancel, settings), cancel));
        figures.AddRange(await MeasureAsync("gateway and runner", variants, sink, settings => Services.StartPairAsync(cancel, settings), cancel));
        Table.Print(
            ["", "calls/s", "to nothing", "p50 µs", "p99 µs", "bytes sent a call"],
            [.. figures.Select(f => (string[])[$"{f.Shape}: {f.Variant}", Text(f.CallsPerSecond, "0"), Text(f.ToNothing, "0.00"), Text(f.P50Micros, "0"), Text(f.P99Micros, "0"), Text(f.BytesPerCall, "0")])]);
        return figures;
    }

    private static string[] Sent(OtlpSink sink, string ratio) =>
    [
        $"OTEL_EXPORTER_OTLP_ENDPOINT={sink.Address}",
        "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        "OTEL_TRACES_SAMPLER=parentbased_traceidratio",
        $"OTEL_TRACES_SAMPLER_ARG={ratio}",
    ];

    private static async Task<IEnumerable<TelemetryFigures>> MeasureAsync(
        string shape, (string Name, string[] Settings)[] variants, OtlpSink sink, Func<string[], Task<Services>> start, CancellationToken cancel)
    {
        var services = new List<Services>();
        try
        {
            foreach (var (_, settings) in variants)
            {
                services.Add(await start(settings));
                await services[^1].CreateAsync(1, cancel);
                await ClosedLoop.RunAsync(Clients, Round, services[^1].CallAsync, cancel);
            }
            var runs = variants.Select(_ => new List<LoopFigures>()).ToList();
            var bytes = new long[variants.Length];
            for (var round = 0; round < Rounds; round++)
            {
                // In turn, each round beginning with another one.
                for (var i = 0; i < variants.Length; i++)
                {
                    var at = (round + i) % variants.Length;
                    var before = sink.Bytes;
                    runs[at].Add(await ClosedLoop.RunAsync(Clients, Round, services[at].CallAsync, cancel));
                    bytes[at] += sink.Bytes - before;
                }
            }
            return variants.Select((variant, i) => new TelemetryFigures(
                shape,
                variant.Name,
                Ratio.Median([.. runs[i].Select(static run => run.CallsPerSecond)]),
                Ratio.Of([.. runs[i].Select(static run => run.CallsPerSecond)], [.. runs[0].Select(static run => run.CallsPerSecond)]),
                Ratio.Median([.. runs[i].Select(static run => run.P50Micros)]),
                Ratio.Median([.. runs[i].Select(static run => run.P99Micros)]),
                bytes[i] / (double)runs[i].Sum(static run => run.Calls))).ToList();
        }
        finally
        {
            foreach (var one in services)
                await one.DisposeAsync();
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>Medians of the rounds of one variant.</summary>
internal sealed record TelemetryFigures(
    string Shape, string Variant, double CallsPerSecond, double ToNothing, double P50Micros, double P99Micros, double BytesPerCall);
