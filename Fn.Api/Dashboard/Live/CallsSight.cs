using Fn.Api.History;

namespace Fn.Api.Dashboard.Live;

/// <summary>What became of calls lately.</summary>
/// <param name="All">All calls together.</param>
/// <param name="Day">What the calls of the last 24 hours came to.</param>
/// <param name="ByFunction">Figures of the whole time of the series for each function that was called in it.</param>
/// <param name="DayByFunction">What the calls of the last 24 hours came to for each function.</param>
public sealed record CallsSight(Series All, DayCosts Day, IReadOnlyDictionary<string, Figures> ByFunction, DaysSight DayByFunction);

/// <summary>What calls and their cold starts came to.</summary>
public sealed record DayCosts(long Calls, long Cold, long Failed, double ColdMilliseconds)
{
    internal static DayCosts From(CallCosts costs) => new(costs.Calls, costs.Cold, costs.Failed, costs.ColdMilliseconds);
}

/// <summary>Figures over time, in steps of equal length.</summary>
/// <param name="Step">Length of a step.</param>
/// <param name="Steps">The steps, oldest first.</param>
/// <param name="EndsAt">When the last step ended.</param>
public sealed record Series(TimeSpan Step, IReadOnlyList<Figures> Steps, DateTimeOffset EndsAt)
{
    /// <summary>The time of all steps.</summary>
    public TimeSpan Length => Step * Steps.Count;

    public long Calls => Steps.Sum(step => step.Calls);

    public long Cold => Steps.Sum(step => step.Cold);

    public long Failed => Steps.Sum(step => step.Failed);

    public double ColdMilliseconds => Steps.Sum(step => step.ColdMilliseconds);

    /// <summary>Part of the calls that were cold, 0 to 1; null without calls.</summary>
    public double? ColdShare => Calls == 0 ? null : (double)Cold / Calls;

    /// <summary>Calls a second in a step.</summary>
    public double Rate(Figures step) => step.Calls / Step.TotalSeconds;

    /// <summary>The latest value there is; null: none.</summary>
    public double? Latest(Func<Figures, double?> of) => Steps.Reverse().Select(of).FirstOrDefault(value => value is not null);

    /// <summary>Whether both have the same figures of the same time.</summary>
    public bool Equals(Series? other) =>
        ReferenceEquals(this, other) || (other is not null && Step == other.Step && EndsAt == other.EndsAt && Steps.SequenceEqual(other.Steps));

    public override int GetHashCode() => HashCode.Combine(Step, EndsAt, Steps.Count);

    /// <param name="series">What was counted.</param>
    /// <param name="now">The present.</param>
    /// <param name="before">What there was before; it is returned when nothing has changed.</param>
    internal static Series From(CallSeries series, DateTimeOffset now, Series? before)
    {
        var endsAt = now - series.EndedAgo;
        // The same step: the clock of the day and the one that steps are counted by only differ by a hair.
        if (before is not null && (endsAt - before.EndsAt).Duration() < series.Step / 2)
            endsAt = before.EndsAt;
        var drawn = new Series(series.Step, [.. series.Steps.Select(Figures.From)], endsAt);
        return drawn.Equals(before) ? before : drawn;
    }
}

/// <summary>What became of calls in a stretch of time. Durations are milliseconds to the function's headers.</summary>
public sealed record Figures(long Calls, long Cold, long Failed, double? HotP50, double? HotP99, double? ColdP50, double? ColdP99, double ColdMilliseconds)
{
    public static readonly Figures None = new(0, 0, 0, null, null, null, null, 0);

    public double? ColdShare => Calls == 0 ? null : (double)Cold / Calls;

    internal static Figures From(CallFigures figures) => new(
        figures.Calls, figures.Cold, figures.Failed, figures.HotP50, figures.HotP99, figures.ColdP50, figures.ColdP99, figures.ColdMilliseconds);
}
