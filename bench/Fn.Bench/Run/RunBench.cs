using Fn.Bench.Cold;

namespace Fn.Bench.Run;

/// <summary>The platform beside its limits, in one table: nginx for hot calls, the runtimes by hand for cold ones.</summary>
internal static class RunBench
{
    /// <param name="parts">What is measured.</param>
    /// <param name="quick">Less of everything, within two minutes.</param>
    /// <param name="plot">Where a picture of latency against load is written, with <see cref="RunParts.Hot"/>; null: nowhere.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<RunFigures> RunAsync(RunParts parts, bool quick, string? plot, CancellationToken cancel)
    {
        EchoProgram.Require();
        var scale = quick ? Scale.Quick : Scale.Full;
        var figures = new RunFigures { Machine = Machine.This(), Quick = quick };
        if (parts.HasFlag(RunParts.Hot))
            figures = await HotAsync(figures, scale, plot, cancel);
        if (parts.HasFlag(RunParts.Bodies))
            figures = figures with { Bodies = await Bodies.MeasureAsync(scale, cancel) };
        if (parts.HasFlag(RunParts.Idle))
            figures = figures with { Idle = await IdleContainers.MeasureAsync(scale, cancel) };
        string? missing = null;
        if (parts.HasFlag(RunParts.Cold))
        {
            (var cold, missing) = await ColdRows.MeasureAsync(scale, cancel);
            figures = figures with { Cold = cold };
        }
        figures = figures with { Rows = Rows(figures, missing) };
        Console.WriteLine($"{figures.Machine.Day}, {figures.Machine.Cores} cores, {figures.Machine.Processor}{(quick ? ", --quick" : "")}:");
        Row.Print(figures.Rows);
        return figures;
    }

    private static async Task<RunFigures> HotAsync(RunFigures figures, Scale scale, string? plot, CancellationToken cancel)
    {
        await using var sides = await HotSides.StartAsync(cancel);
        figures = figures with { Hot = await HotPath.MeasureAsync(sides, scale, cancel) };
        if (plot is null)
            return figures;
        var sweep = await Sweep.MeasureAsync(sides, scale, cancel);
        LatencyPlot.Write(plot, sweep, figures.Machine);
        return figures with { LatencyAgainstLoad = sweep };
    }

    private static List<Row> Rows(RunFigures figures, string? missing) =>
    [
        .. figures.Hot is { } hot ? HotPath.Rows(hot) : [],
        .. figures.Bodies is { } bodies ? Bodies.Rows(bodies) : [],
        .. figures.Idle is { } idle ? IdleContainers.Rows(idle) : [],
        .. figures.Cold is null && missing is null ? [] : ColdRows.Rows(figures.Cold, missing),
    ];
}

/// <summary>What can be measured by itself; the names are those of the command line.</summary>
[Flags]
internal enum RunParts
{
    None = 0,
    Hot = 1,
    Bodies = 2,
    Idle = 4,
    Cold = 8,
    All = Hot | Bodies | Idle | Cold,
}

/// <summary>All that was measured. What was not asked for, or cannot run here, is null.</summary>
internal sealed record RunFigures
{
    public required Machine Machine { get; init; }

    public required bool Quick { get; init; }

    public IReadOnlyList<Row> Rows { get; init; } = [];

    public IReadOnlyList<HotFigures>? Hot { get; init; }

    public IReadOnlyList<SweepFigures>? LatencyAgainstLoad { get; init; }

    public BodiesFigures? Bodies { get; init; }

    public IReadOnlyList<IdleFigures>? Idle { get; init; }

    public ColdFigures? Cold { get; init; }
}
