namespace Fn.Bench.Dashboard;

/// <summary>Medians of the rounds with so many looking. Processor time is in processors.</summary>
internal sealed record DashboardFigures
{
    public required int Viewers { get; init; }

    /// <summary>The gateway's, without calls.</summary>
    public required double QuietCpu { get; init; }

    /// <summary>The gateway's, with calls at a pace.</summary>
    public required double PacedCpu { get; init; }

    /// <summary>That of those who look, who are no browsers.</summary>
    public required double ViewersCpu { get; init; }

    /// <summary>Changes that each of them was sent in a second.</summary>
    public required double Updates { get; init; }

    /// <summary>Of a change.</summary>
    public required double Bytes { get; init; }

    public required double PacedP50Micros { get; init; }

    public required double PacedP99Micros { get; init; }

    /// <summary>Calls a second without a pause to those of the same round with nobody looking.</summary>
    public required double FreeToNobody { get; init; }

    public static DashboardFigures From(int viewers, IReadOnlyList<Look> looks, IReadOnlyList<Look> nobody) => new()
    {
        Viewers = viewers,
        QuietCpu = Median(looks, static look => look.QuietCpu),
        PacedCpu = Median(looks, static look => look.PacedCpu),
        ViewersCpu = Median(looks, static look => look.ViewersCpu),
        Updates = Median(looks, static look => look.Updates),
        Bytes = Median(looks, static look => look.Bytes),
        PacedP50Micros = Median(looks, static look => look.Paced.P50Micros),
        PacedP99Micros = Median(looks, static look => look.Paced.P99Micros),
        FreeToNobody = Ratio.Of([.. looks.Select(static look => look.Free.CallsPerSecond)], [.. nobody.Select(static look => look.Free.CallsPerSecond)]),
    };

    private static double Median(IReadOnlyList<Look> looks, Func<Look, double> of) => Ratio.Median([.. looks.Select(of)]);
}
