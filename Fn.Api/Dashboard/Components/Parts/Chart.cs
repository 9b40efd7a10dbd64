using Fn.Api.Dashboard.Live;

namespace Fn.Api.Dashboard.Components.Parts;

/// <summary>What a chart shows of a series.</summary>
/// <param name="Title">What its figure is.</param>
/// <param name="Unit">A value with its unit.</param>
/// <param name="LinesOf">Its lines.</param>
public sealed record Chart(string Title, Func<double?, string> Unit, Func<Series, IReadOnlyList<ChartLine>> LinesOf)
{
    private static readonly IReadOnlyList<ChartLine> ShareLines = [new("cold", "cold", step => step.ColdShare, Filled: true)];

    private static readonly IReadOnlyList<ChartLine> HotLines =
    [
        new("p99", "hot", step => step.HotP99, Dashed: true),
        new("p50", "hot", step => step.HotP50),
    ];

    private static readonly IReadOnlyList<ChartLine> ColdLines =
    [
        new("p99", "cold", step => step.ColdP99, Dashed: true),
        new("p50", "cold", step => step.ColdP50),
    ];

    private static readonly IReadOnlyList<ChartLine> CostLines = [new("waited", "cold", step => step.ColdMilliseconds, Filled: true)];

    public static readonly Chart Calls = new("Calls", Show.Rate, static series =>
    [
        new ChartLine("all", "all", step => series.Rate(step), Filled: true),
        new ChartLine("failed", "bad", step => series.Failed == 0 ? null : step.Failed / series.Step.TotalSeconds),
    ]);

    public static readonly Chart ColdShare = new("Cold share", Show.Share, static _ => ShareLines);

    public static readonly Chart Hot = new("Hot calls answer in", Show.Milliseconds, static _ => HotLines);

    public static readonly Chart Cold = new("Cold calls answer in", Show.Milliseconds, static _ => ColdLines);

    public static readonly Chart Cost = new("Time waited for starts", Show.Milliseconds, static _ => CostLines);
}
