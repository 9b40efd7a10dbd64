using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Warmth;

/// <summary>A function of which containers are kept: the revision that calls go to, and the one that is to take its place.</summary>
internal sealed class KeptFunction(FunctionSpec warm)
{
    public FunctionSpec Warm { get; set; } = warm;

    /// <summary>Not warm yet; null: there is none.</summary>
    public FunctionSpec? Next { get; private set; }

    /// <summary>How many containers of <see cref="Next"/> there is a place for; null: not known yet.</summary>
    public int? NextWished { get; set; }

    /// <summary>Timestamp at which <see cref="Next"/> was heard of.</summary>
    public long NextSince { get; private set; }

    /// <summary>The function as the store has it now.</summary>
    /// <returns>Whether a new revision is to be warmed from now on.</returns>
    public bool Update(FunctionSpec current, long now)
    {
        if (current.Revision == Warm.Revision || !current.UpdatesWarm)
        {
            (Warm, Next) = (current, null);
            return false;
        }
        var isNews = current.Revision != Next?.Revision;
        Next = current;
        if (isNews)
            (NextSince, NextWished) = (now, null);
        return isNews;
    }

    /// <summary>Calls go to the new revision.</summary>
    public void Switch() => (Warm, Next) = (Next!, null);
}
