namespace Fn.Bench;

/// <summary>How two things compare that were measured in turn.</summary>
internal static class Ratio
{
    /// <summary>The median of the rounds' ratios: what else the machine does meets both of a round alike.</summary>
    public static double Of(IReadOnlyList<double> some, IReadOnlyList<double> others) => Median([.. some.Zip(others, static (a, b) => a / b)]);

    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
