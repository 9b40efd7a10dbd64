using System.Globalization;
using Fn.Bench.RedisOps;

namespace Fn.Bench.Dashboard;

/// <summary>What it costs calls that people look at the dashboard: one process that is gateway and runner, nobody looking and some looking, in turn.</summary>
internal static class DashboardBench
{
    private const int Clients = 16;
    private const int Rounds = 3;
    private const int CallsPerSecond = 500;
    private const int Tabs = 10;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(4);

    public static async Task<DashboardFigures> RunAsync(CancellationToken cancel)
    {
        await using var services = await Services.StartEmbeddedAsync(cancel);
        await services.CreateAsync(4, cancel);
        await ClosedLoop.RunAsync(Clients, Round, services.CallAsync, cancel);
        var (closed, open) = (new List<Look>(), new List<Look>());
        for (var round = 0; round < Rounds; round++)
        {
            closed.Add(await LookAsync(services, cancel));
            await using var viewers = await Viewers.OpenAsync(Tabs, new Uri(services.Gateway, "/dashboard/"), cancel);
            // What the browser does for itself when its pages open is over.
            await ClosedLoop.RunAsync(Clients, Round, services.CallAsync, cancel, Pace);
            open.Add(await LookAsync(services, cancel));
        }
        var figures = new DashboardFigures
        {
            Tabs = Tabs,
            ClosedCpu = Ratio.Median([.. closed.Select(static look => look.Cpu)]),
            OpenCpu = Ratio.Median([.. open.Select(static look => look.Cpu)]),
            ClosedP50Micros = Ratio.Median([.. closed.Select(static look => look.Paced.P50Micros)]),
            OpenP50Micros = Ratio.Median([.. open.Select(static look => look.Paced.P50Micros)]),
            OpenToClosed = Ratio.Of([.. open.Select(static look => look.CallsPerSecond)], [.. closed.Select(static look => look.CallsPerSecond)]),
        };
        Table.Print(["", "nobody looks", $"{Tabs} tabs"],
        [
            [$"gateway, % of a processor at {CallsPerSecond} calls/s", Text(figures.ClosedCpu * 100, "0.0"), Text(figures.OpenCpu * 100, "0.0")],
            [$"p50 at {CallsPerSecond} calls/s, µs", Text(figures.ClosedP50Micros, "0"), Text(figures.OpenP50Micros, "0")],
            [$"calls/s of {Clients} clients without a pause, to nobody looking", "1.00", Text(figures.OpenToClosed, "0.00")],
        ]);
        return figures;
    }

    private static TimeSpan Pace => TimeSpan.FromSeconds(1) * Clients / CallsPerSecond;

    private static async Task<Look> LookAsync(Services services, CancellationToken cancel)
    {
        var before = services.GatewayCpu;
        var paced = await ClosedLoop.RunAsync(Clients, Round, services.CallAsync, cancel, Pace);
        var cpu = (services.GatewayCpu - before).TotalSeconds * paced.CallsPerSecond / paced.Calls;
        var free = await ClosedLoop.RunAsync(Clients, Round, services.CallAsync, cancel);
        return new Look(cpu, paced, free.CallsPerSecond);
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed record Look(double Cpu, LoopFigures Paced, double CallsPerSecond);
}

internal sealed record DashboardFigures
{
    public required int Tabs { get; init; }

    public required double ClosedCpu { get; init; }

    public required double OpenCpu { get; init; }

    public required double ClosedP50Micros { get; init; }

    public required double OpenP50Micros { get; init; }

    /// <summary>Throughput with the dashboard open to that without. The browser takes its time from the same processors.</summary>
    public required double OpenToClosed { get; init; }
}
