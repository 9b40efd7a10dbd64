namespace Fn.Runner.Eviction;

/// <summary>Stops the container that has been idle the longest: what was not used for long is the least likely to be used soon.</summary>
internal sealed class LeastRecentlyUsedPolicy : IEvictionPolicy
{
    public string Name => "lru";

    public string Words => "least recently used";

    public int Compare(in EvictionCandidate first, in EvictionCandidate second) => first.IdleSince.CompareTo(second.IdleSince);
}
