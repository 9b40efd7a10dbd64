using System.Globalization;
using System.Text;
using Fn.Api.Dashboard.Live;

namespace Fn.Api.Dashboard.Components.Parts;

/// <summary>A line of a chart.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Tone">Its colour: <c>hot</c>, <c>cold</c>, <c>bad</c> or <c>all</c>.</param>
/// <param name="Of">Its value in a step; null: none.</param>
/// <param name="Dashed">To tell it from another of its colour.</param>
/// <param name="Filled">Whether what is below it is filled.</param>
public sealed record ChartLine(string Name, string Tone, Func<Figures, double?> Of, bool Dashed = false, bool Filled = false)
{
    /// <summary>The outline in a square of 100: a move for each run of values, so that where there is none there is a gap.</summary>
    public string Outline(IReadOnlyList<Figures> steps, double top) => Trace(steps, top, close: false);

    /// <summary>The outline closed at the bottom.</summary>
    public string Area(IReadOnlyList<Figures> steps, double top) => Trace(steps, top, close: true);

    /// <summary>The least round number that all values of the lines are below: 1, 2 or 5 times a power of ten.</summary>
    public static double TopOf(IReadOnlyList<ChartLine> lines, IReadOnlyList<Figures> steps)
    {
        var most = lines.SelectMany(line => steps.Select(step => line.Of(step) ?? 0)).DefaultIfEmpty(0).Max();
        if (most <= 0)
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return (most / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }

    private string Trace(IReadOnlyList<Figures> steps, double top, bool close)
    {
        var path = new StringBuilder();
        var begun = -1;
        for (var i = 0; i <= steps.Count; i++)
        {
            var value = i < steps.Count ? Of(steps[i]) : null;
            if (value is null)
            {
                if (begun >= 0)
                    End(path, begun, i - 1, steps.Count, close);
                begun = -1;
                continue;
            }
            path.Append(begun < 0 ? 'M' : 'L').Append(Number(At(i, steps.Count))).Append(' ').Append(Number(100 - (value.Value / top * 100)));
            if (begun < 0)
                begun = i;
        }
        return path.ToString();
    }

    private static void End(StringBuilder path, int begun, int last, int count, bool close)
    {
        if (close)
            path.Append('L').Append(Number(At(last, count))).Append(" 100L").Append(Number(At(begun, count))).Append(" 100Z");
        else if (begun == last)
            path.Append("m-.7 0h1.4");
    }

    private static double At(int index, int count) => count < 2 ? 100 : index * 100.0 / (count - 1);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
