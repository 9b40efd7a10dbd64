using System.Globalization;

namespace Fn.Bench.Cluster;

/// <summary>What placement and the registry cost with more and more runners, against a real Redis.</summary>
internal static class ClusterBench
{
    public static async Task<IReadOnlyList<ScaleFigures>> RunAsync(IReadOnlyList<int> sizes, CancellationToken cancel)
    {
        var figures = new List<ScaleFigures>();
        foreach (var size in sizes)
        {
            await using var redis = await RedisProcess.StartAsync(cancel);
            await using var cluster = new SimulatedCluster(redis, size);
            await using var run = new ScaleRun(redis, cluster, cancel);
            figures.Add(await run.RunAsync());
            await Console.Error.WriteLineAsync($"{size} runners: done");
        }
        Print(figures);
        return figures;
    }

    private static void Print(List<ScaleFigures> figures)
    {
        var rows = new List<string[]>();
        Row("functions", f => f.Functions, "0");
        Row("pools", f => f.Pools, "0");
        Row("reports of a runner every, ms", f => f.ReportIntervalMs, "0");
        Decision("hot call, quiet", f => f.HotQuiet);
        Decision("cold call, memory free, quiet", f => f.FreeQuiet);
        Decision("cold call, memory short, quiet", f => f.VictimQuiet);
        Decision("hot call", f => f.Hot);
        Decision("cold call, memory free", f => f.Free);
        Decision("cold call, memory short", f => f.Victim);
        Row("a view, MiB", f => f.ViewBytes / 1024.0 / 1024, "0.0");
        Row("a view, bytes a pool", f => (double)f.ViewBytes / f.Pools, "0");
        Row("change stream, messages/s", f => f.MessagesPerSecond, "0");
        Row("change stream, KiB/s to each gateway", f => f.StreamBytesPerSecond / 1024, "0");
        Row("applying a message, µs", f => f.ApplyMicros, "0.0");
        Row("Redis, % of a processor", f => f.RedisCpu * 100, "0.0");
        Row("a new gateway has the view, quiet, ms", f => f.JoinQuietMs, "0");
        Row("a new gateway has the view, ms", f => f.JoinMs, "0");
        Row("all agree after a flush, ms", f => f.FlushMs, "0");
        Row("all agree after a restart, ms", f => f.RestartMs, "0");
        string[] head = ["", .. figures.Select(f => $"{f.Runners} runners"), "growth"];
        Table.Print(head, rows);

        void Decision(string name, Func<ScaleFigures, DecisionFigures> of)
        {
            Row(name + ", p50 µs", f => of(f).P50Micros, "0.0");
            Row(name + ", p99 µs", f => of(f).P99Micros, "0.0");
            Row(name + ", bytes allocated", f => of(f).AllocatedBytes, "0");
        }

        void Row(string name, Func<ScaleFigures, double> of, string format) => rows.Add(
        [
            name,
            .. figures.Select(f => of(f).ToString(format, CultureInfo.InvariantCulture)),
            of(figures[0]) > 0 ? (of(figures[^1]) / of(figures[0])).ToString("0.0", CultureInfo.InvariantCulture) + "×" : "",
        ]);
    }
}
