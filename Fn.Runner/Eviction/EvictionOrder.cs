namespace Fn.Runner.Eviction;

/// <summary>Which of two idle containers goes first, whatever the policy: those that a floor keeps go last.</summary>
internal static class EvictionOrder
{
    public static int Compare(IEvictionPolicy policy, in EvictionCandidate first, in EvictionCandidate second)
    {
        var byFloor = first.WithinFloor.CompareTo(second.WithinFloor);
        return byFloor != 0 ? byFloor : policy.Compare(first, second);
    }
}
