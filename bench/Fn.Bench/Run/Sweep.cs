namespace Fn.Bench.Run;

/// <summary>Latency against load: the same call by more and more clients.</summary>
internal static class Sweep
{
    private const int Seconds = 1;
    private static readonly int[] Clients = [1, 2, 4, 8, 16, 32, 64, 128, 256];

    public static async Task<IReadOnlyList<SweepFigures>> MeasureAsync(HotSides sides, Scale scale, CancellationToken cancel)
    {
        var points = new List<SweepFigures>();
        foreach (var clients in Clients)
        {
            Progress.Say($"latency against load: {(clients == 1 ? "1 client" : $"{clients} clients")}");
            var runs = await Turns.MeasureAsync(scale.SweepRounds, [.. sides.All.Select(side => (Func<Task<WrkFigures>>)(() => sides.CallAsync(side, clients, Seconds, cancel)))]);
            points.AddRange(sides.All.Select((side, i) => new SweepFigures(
                side.Name, clients, Median(runs[i], static r => r.CallsPerSecond), Median(runs[i], static r => r.P50Micros), Median(runs[i], static r => r.P99Micros))));
        }
        return points;
    }

    private static double Median(IReadOnlyList<WrkFigures> runs, Func<WrkFigures, double> value) => Ratio.Median([.. runs.Select(value)]);
}

/// <summary>Medians of the rounds of one side with so many clients.</summary>
internal sealed record SweepFigures(string Side, int Clients, double CallsPerSecond, double P50Micros, double P99Micros);
