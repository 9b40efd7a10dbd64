using System.Globalization;
using Fn.Bench.Run;

namespace Fn.Bench.Telemetry;

/// <summary>How many hot calls a second are left when they are measured and traced.</summary>
internal static class TelemetryBench
{
    private const int Rounds = 5;

    private static readonly (string Name, Func<string, string[]> Settings)[] Variants =
    [
        ("nothing", _ => ["--Fn:Telemetry:Prometheus=false"]),
        ("metrics for Prometheus, no traces", _ => []),
        ("all signals sent, 1 % of the traces", receiver => Sent(receiver, "0.01")),
        ("all signals sent, all traces", receiver => Sent(receiver, "1")),
    ];

    public static async Task<IReadOnlyList<TelemetryFigures>> RunAsync(CancellationToken cancel)
    {
        EchoProgram.Require();
        var figures = new List<TelemetryFigures>();
        figures.AddRange(await MeasureAsync("one process", settings => Platform.StartEmbeddedAsync(cancel, settings), cancel));
        figures.AddRange(await MeasureAsync("gateway and runner", settings => Platform.StartPairAsync(cancel, settings), cancel));
        Table.Print(
            ["", "calls/s", "to nothing", "p50 µs", "p99 µs", "bytes sent a call"],
            [.. figures.Select(f => (string[])[$"{f.Shape}: {f.Variant}", Text(f.CallsPerSecond, "0"), Text(f.ToNothing, "0.00"), Text(f.P50Micros, "0"), Text(f.P99Micros, "0"), Text(f.BytesPerCall, "0")])]);
        return figures;
    }

    private static string[] Sent(string receiver, string ratio) =>
    [
        $"OTEL_EXPORTER_OTLP_ENDPOINT={receiver}",
        "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        "OTEL_TRACES_SAMPLER=parentbased_traceidratio",
        $"OTEL_TRACES_SAMPLER_ARG={ratio}",
    ];

    private static async Task<IEnumerable<TelemetryFigures>> MeasureAsync(string shape, Func<string[], Task<Platform>> start, CancellationToken cancel)
    {
        var sides = new List<MeasuredSide>();
        try
        {
            foreach (var (name, settings) in Variants)
            {
                Progress.Say($"telemetry: {shape}, {name}: warming up");
                sides.Add(await MeasuredSide.StartAsync(settings, start, cancel));
                await sides[^1].WarmUpAsync(cancel);
            }
            Progress.Say($"telemetry: {shape}: {Rounds} rounds");
            var runs = await Turns.MeasureAsync(Rounds, [.. sides.Select(side => (Func<Task<LoopFigures>>)(() => side.CallAsync(cancel)))]);
            // What is left to be sent is sent when they stop.
            foreach (var side in sides)
                await side.StopAsync();
            return Variants.Select((variant, i) => new TelemetryFigures(
                shape,
                variant.Name,
                Ratio.Median([.. runs[i].Select(static run => run.CallsPerSecond)]),
                Ratio.Of([.. runs[i].Select(static run => run.CallsPerSecond)], [.. runs[0].Select(static run => run.CallsPerSecond)]),
                Ratio.Median([.. runs[i].Select(static run => run.P50Micros)]),
                Ratio.Median([.. runs[i].Select(static run => run.P99Micros)]),
                sides[i].BytesPerCall)).ToList();
        }
        finally
        {
            foreach (var side in sides)
                await side.DisposeAsync();
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>Medians of the rounds of one variant.</summary>
internal sealed record TelemetryFigures(
    string Shape, string Variant, double CallsPerSecond, double ToNothing, double P50Micros, double P99Micros, double BytesPerCall);
