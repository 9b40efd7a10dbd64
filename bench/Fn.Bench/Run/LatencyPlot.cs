using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Fn.Bench.Run;

/// <summary>Draws latency against load.</summary>
internal static class LatencyPlot
{
    private const int Width = 1300;
    private const int Height = 760;
    private const string Font = "DejaVu Sans";
    private const string FontFile = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

    private static readonly int[] Labelled = [1, 16, 256];

    // Told apart by everybody, on white: green, blue and vermilion of Okabe and Ito.
    private static readonly string[] Colors = ["#009E73", "#0072B2", "#D55E00"];

    public static void Write(string path, IReadOnlyList<SweepFigures> points, Machine machine)
    {
        Fonts.AddFontFile(Font, FontFile);
        Fonts.Default = Font;
        using var plot = new Plot();
        foreach (var (side, i) in points.GroupBy(static p => p.Side).Select(static (side, i) => (side, i)))
        {
            var some = side.OrderBy(static p => p.Clients).ToList();
            Line(plot, $"{side.Key}, p50", some, static p => p.P50Micros, Colors[i], LinePattern.Solid, MarkerShape.FilledCircle);
            Line(plot, $"{side.Key}, p99", some, static p => p.P99Micros, Colors[i], LinePattern.Dashed, MarkerShape.OpenCircle);
            Label(plot, some.Where(static p => Labelled.Contains(p.Clients)), Colors[i]);
        }
        plot.Title($"Latency of a hot call against load, 1 to {points.Max(static p => p.Clients)} clients\n{machine.Day}, {machine.Cores} cores, {machine.Processor}", 18);
        plot.XLabel("calls/s; numbers at points: clients, on the same machine", 15);
        plot.YLabel("latency", 15);
        plot.Axes.Left.TickGenerator = new NumericAutomatic
        {
            MinorTickGenerator = new LogMinorTickGenerator(),
            IntegerTicksOnly = true,
            LabelFormatter = static exponent => Duration(Math.Pow(10, exponent)),
        };
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { LabelFormatter = static value => value.ToString("#,0", CultureInfo.InvariantCulture) };
        plot.Grid.MinorLineColor = plot.Grid.MajorLineColor.WithAlpha(0.05);
        plot.Grid.MinorLineWidth = 1;
        plot.Axes.SetLimitsX(0, points.Max(static p => p.CallsPerSecond) * 1.05);
        plot.ShowLegend(Edge.Right);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory)
            Directory.CreateDirectory(directory);
        plot.SavePng(path, Width, Height);
    }

    private static void Line(Plot plot, string name, IReadOnlyList<SweepFigures> points, Func<SweepFigures, double> micros, string color, LinePattern pattern, MarkerShape shape)
    {
        var line = plot.Add.Scatter(points.Select(static p => p.CallsPerSecond).ToArray(), points.Select(p => Math.Log10(micros(p))).ToArray());
        line.LegendText = name;
        line.Color = Color.FromHex(color);
        line.LineWidth = 2;
        line.LinePattern = pattern;
        line.MarkerShape = shape;
        line.MarkerSize = 8;
    }

    /// <summary>How many clients it was.</summary>
    private static void Label(Plot plot, IEnumerable<SweepFigures> points, string color)
    {
        foreach (var point in points)
        {
            var text = plot.Add.Text($"{point.Clients}", point.CallsPerSecond, Math.Log10(point.P50Micros));
            text.LabelFontColor = Color.FromHex(color);
            text.LabelFontSize = 13;
            text.LabelAlignment = Alignment.UpperLeft;
            text.OffsetX = 4;
            text.OffsetY = 3;
        }
    }

    private static string Duration(double micros) => micros < 1000
        ? $"{micros.ToString("0", CultureInfo.InvariantCulture)} µs"
        : $"{(micros / 1000).ToString("0", CultureInfo.InvariantCulture)} ms";
}
