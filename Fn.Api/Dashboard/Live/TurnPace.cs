namespace Fn.Api.Dashboard.Live;

/// <summary>
/// How quickly turns follow each other. They are one at a time, so the rest after each bounds what all who look take of the processors together, however
/// many they are and however long what they look at takes to draw: with few everybody is shown a change at once, with many each waits for more turns.
/// </summary>
internal static class TurnPace
{
    /// <summary>Part of the time in which a page may be drawn, 0 to 1.</summary>
    public const double Share = 0.02;

    /// <summary>Least rest: what a turn costs beyond drawing, sending it and hearing that it was drawn, has its share too. A hundred have their turns in a second and a half.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(15);

    /// <summary>Longest rest. A turn that took very long did so because the machine, or the store, is busy: then less often, but ten still see a change within a second.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromMilliseconds(100);

    /// <summary>The rest after a turn.</summary>
    /// <param name="took">How long the turn took.</param>
    public static TimeSpan RestAfter(TimeSpan took)
    {
        var rest = took * (1 / Share - 1);
        return rest < Least ? Least : rest > Most ? Most : rest;
    }
}
