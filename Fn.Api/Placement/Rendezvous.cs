namespace Fn.Api.Placement;

/// <summary>
/// Rendezvous hashing: every gateway ranks the runners of a function alike without talking to the others, each function has its own favourite, and a runner
/// that comes or goes moves no function between the rest.
/// </summary>
internal static class Rendezvous
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>The hash of a runner's or function's name, to be computed once.</summary>
    public static ulong Hash(string name)
    {
        var hash = FnvOffset;
        foreach (var c in name)
            hash = (hash ^ c) * FnvPrime;
        return hash;
    }

    /// <summary>How much a function prefers a runner.</summary>
    public static ulong Weight(ulong function, ulong runner)
    {
        // FNV alone hardly lets the last characters reach the high bits, and addresses differ in their last characters (finalizer of MurmurHash3).
        var hash = function ^ (runner * 0x9e3779b97f4a7c15);
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
