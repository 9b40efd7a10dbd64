namespace Fn.Bench;

/// <summary>Calls before anything counts: what is compiled late, and the containers that so many clients need, shall be there.</summary>
internal static class WarmUp
{
    /// <summary>Rounds without a new best after which nothing is compiled, started or connected any more.</summary>
    private const int Steady = 3;

    /// <summary>How much better a round has to be to count as one.</summary>
    private const double Better = 1.03;

    /// <summary>Goes on until it gets no faster.</summary>
    /// <param name="round">Calls for a while, and tells how many calls a second that made.</param>
    /// <param name="least">Rounds at least.</param>
    /// <param name="most">Rounds at most.</param>
    public static async Task UntilSteadyAsync(Func<Task<double>> round, int least, int most)
    {
        var (best, since) = (0.0, 0);
        for (var i = 0; i < most && (i < least || since < Steady); i++)
        {
            var rate = await round();
            since = rate > best * Better ? 0 : since + 1;
            best = Math.Max(best, rate);
        }
    }
}
