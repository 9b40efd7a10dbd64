using Fn.Api.Runners;

namespace Fn.Api.Placement;

/// <summary>
/// Rendezvous hashing: every gateway ranks the runners of a function alike without talking to the others, each function has its own favourite, and a runner
/// that comes or goes moves no function between the rest.
/// </summary>
internal static class RunnerRanking
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>The runners, the function's favourite first.</summary>
    public static RunnerEntry[] Rank(string functionId, IReadOnlyList<RunnerEntry> runners)
    {
        var ranked = new RunnerEntry[runners.Count];
        var weights = new ulong[runners.Count];
        var function = Hash(FnvOffset, functionId);
        for (var i = 0; i < ranked.Length; i++)
        {
            ranked[i] = runners[i];
            // Complement: the sort is ascending, the heaviest comes first.
            weights[i] = ~Mix(Hash(function, runners[i].Key));
        }
        Array.Sort(weights, ranked);
        return ranked;
    }

    private static ulong Hash(ulong hash, string text)
    {
        foreach (var c in text)
            hash = (hash ^ c) * FnvPrime;
        return hash;
    }

    // FNV alone hardly lets the last characters reach the high bits, and addresses differ in their last characters (finalizer of MurmurHash3).
    private static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
