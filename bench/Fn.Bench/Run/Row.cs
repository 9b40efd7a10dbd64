using System.Globalization;

namespace Fn.Bench.Run;

/// <summary>A line of the table: a figure of ours beside its limit. Without figures it says why there are none.</summary>
/// <param name="What">What was measured, with its unit.</param>
/// <param name="Ours">Median of the rounds.</param>
/// <param name="Against">What it is compared with.</param>
/// <param name="Limit">Median of its rounds.</param>
/// <param name="Ratio">Median of the rounds' ratios.</param>
/// <param name="Target">What the ratio, or without one the figure, is to be.</param>
internal sealed record Row(string What, double? Ours, string Against, double? Limit, double? Ratio, Target? Target = null)
{
    public bool? Met => Target is null || (Ratio ?? Ours) is not { } value ? null : Target.AtMost ? value <= Target.Value : value >= Target.Value;

    /// <summary>Two sides whose rounds were measured in turn.</summary>
    public static Row Of(string what, IReadOnlyList<double> ours, string against, IReadOnlyList<double> limit, Target? target = null) =>
        new(what, Bench.Ratio.Median(ours), against, Bench.Ratio.Median(limit), Bench.Ratio.Of(ours, limit), target);

    public static Row Missing(string what, string why) => new(what, null, why, null, null);

    public static void Print(IEnumerable<Row> rows) => Table.Print(
        ["", "ours", "against", "theirs", "ratio", "target", "met"],
        [.. rows.Select(static row => (string[])[row.What, Text(row.Ours), row.Against, Text(row.Limit), RatioText(row.Ratio), $"{row.Target}", row.Met switch { true => "yes", false => "NO", null => "" }])]);

    private static string Text(double? value) => value?.ToString(Math.Abs(value.Value) < 100 && value != Math.Truncate(value.Value) ? "0.0" : "#,0", CultureInfo.InvariantCulture) ?? "";

    private static string RatioText(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? "";
}

/// <summary>What a figure is to be.</summary>
internal sealed record Target(bool AtMost, double Value)
{
    /// <summary>What does not grow, as far as a process' memory can be told.</summary>
    public static Target Flat { get; } = Most(1.25);

    public static Target Least(double value) => new(false, value);

    public static Target Most(double value) => new(true, value);

    public override string ToString() => $"{(AtMost ? "≤" : "≥")} {Value.ToString("0.##", CultureInfo.InvariantCulture)}";
}
