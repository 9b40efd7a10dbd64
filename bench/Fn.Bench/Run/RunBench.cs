using Fn.Bench.Cold;

namespace Fn.Bench.Run;

/// <summary>The platform beside its limits, in one table: nginx for hot calls, the runtimes by hand for cold ones.</summary>
internal static class RunBench
{
    /// <param name="quick">Less of everything, within two minutes.</param>
    /// <param name="plot">Where a picture of latency against load is written; null: nowhere.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<RunFigures> RunAsync(bool quick, string? plot, CancellationToken cancel)
    {
        EchoProgram.Require();
        var scale = quick ? Scale.Quick : Scale.Full;
        var machine = Machine.This();
        var (hot, sweep) = await HotAsync(scale, plot is not null, cancel);
        if (plot is not null)
            LatencyPlot.Write(plot, sweep!, machine);
        var bodies = await Bodies.MeasureAsync(scale, cancel);
        var idle = await IdleContainers.MeasureAsync(scale, cancel);
        var (cold, missing) = await ColdRows.MeasureAsync(scale, cancel);
        List<Row> rows = [.. HotPath.Rows(hot), .. Bodies.Rows(bodies), .. IdleContainers.Rows(idle), .. ColdRows.Rows(cold, missing)];
        Console.WriteLine($"{machine.Day}, {machine.Cores} cores, {machine.Processor}{(quick ? ", --quick" : "")}:");
        Row.Print(rows);
        return new RunFigures(machine, quick, rows, hot, sweep, bodies, idle, cold);
    }

    private static async Task<(IReadOnlyList<HotFigures> Hot, IReadOnlyList<SweepFigures>? Sweep)> HotAsync(Scale scale, bool withSweep, CancellationToken cancel)
    {
        await using var sides = await HotSides.StartAsync(cancel);
        return (await HotPath.MeasureAsync(sides, scale, cancel), withSweep ? await Sweep.MeasureAsync(sides, scale, cancel) : null);
    }
}

/// <summary>All that was measured. What was not asked for, or cannot run here, is null.</summary>
internal sealed record RunFigures(
    Machine Machine,
    bool Quick,
    IReadOnlyList<Row> Rows,
    IReadOnlyList<HotFigures> Hot,
    IReadOnlyList<SweepFigures>? LatencyAgainstLoad,
    BodiesFigures Bodies,
    IReadOnlyList<IdleFigures> Idle,
    ColdFigures? Cold);
