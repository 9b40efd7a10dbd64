using System.Globalization;
using Fn.Bench.RedisOps;
using Fn.Bench.Run;

namespace Fn.Bench.Dashboard;

/// <summary>What it costs calls that people look at the dashboard: one process that is gateway and runner, nobody looking, ten and a hundred, in turn.</summary>
internal static class DashboardBench
{
    private const int Clients = 16;
    private const int Rounds = 5;
    private const int CallsPerSecond = 500;
    private static readonly int[] Counts = [0, 10, 100];

    public static async Task<IReadOnlyList<DashboardFigures>> RunAsync(CancellationToken cancel)
    {
        await using var services = await Services.StartEmbeddedAsync(cancel);
        await services.CreateAsync(4, cancel);
        // All code is compiled before anything counts.
        await Look.TakeAsync(services, Counts[^1], CallsPerSecond, cancel);
        var looks = await Turns.MeasureAsync(Rounds, [.. Counts.Select(count => (Func<Task<Look>>)(() => Look.TakeAsync(services, count, CallsPerSecond, cancel)))]);
        var figures = Counts.Select((count, i) => DashboardFigures.From(count, looks[i], looks[0])).ToList();
        Table.Print(["", .. Counts.Select(static count => count == 0 ? "nobody looks" : $"{count} look")],
        [
            Row("gateway without calls, % of a processor", "0.0", static look => look.QuietCpu * 100),
            Row($"gateway at {CallsPerSecond} calls/s, % of a processor", "0.0", static look => look.PacedCpu * 100),
            Row($"p50 at {CallsPerSecond} calls/s, µs", "0", static look => look.PacedP50Micros),
            Row($"p99 at {CallsPerSecond} calls/s, µs", "0", static look => look.PacedP99Micros),
            Row($"calls/s of {Clients} clients without a pause, to nobody looking", "0.00", static look => look.FreeToNobody),
            Row("changes that each who looks is sent in a second", "0.0", static look => look.Updates),
            Row("bytes of a change", "0", static look => look.Bytes),
            Row("those who look, % of a processor", "0.0", static look => look.ViewersCpu * 100),
        ]);
        return figures;

        string[] Row(string name, string format, Func<DashboardFigures, double> of) =>
            [name, .. figures.Select(look => of(look).ToString(format, CultureInfo.InvariantCulture))];
    }
}
