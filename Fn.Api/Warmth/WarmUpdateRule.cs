namespace Fn.Api.Warmth;

/// <summary>When the calls of a function go to its new revision.</summary>
internal static class WarmUpdateRule
{
    /// <summary>Longest time that calls go on to the revision before.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>How long all containers are waited for once some are ready.</summary>
    public static readonly TimeSpan PartLimit = TimeSpan.FromSeconds(10);

    /// <param name="wished">How many containers of the new revision are to be ready.</param>
    /// <param name="ready">How many are.</param>
    /// <param name="failed">Whether a start has failed.</param>
    /// <param name="since">Time since the update was heard of.</param>
    public static WarmUpdateVerdict Decide(int wished, int ready, bool failed, TimeSpan since)
    {
        // Without a place for any, there is nothing to wait for.
        if (ready >= wished)
            return WarmUpdateVerdict.Ready;
        if (failed)
            return WarmUpdateVerdict.Failed;
        return since >= (ready > 0 ? PartLimit : Limit) ? WarmUpdateVerdict.TooLong : WarmUpdateVerdict.Wait;
    }
}

internal enum WarmUpdateVerdict
{
    /// <summary>Calls go on to the revision before.</summary>
    Wait,

    /// <summary>The containers of the new revision are ready.</summary>
    Ready,

    /// <summary>The new revision does not start: calls get to see that.</summary>
    Failed,

    /// <summary>It took too long.</summary>
    TooLong,
}
