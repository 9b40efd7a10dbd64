namespace Fn.Runner.Eviction;

/// <summary>Decides which idle container goes first when memory is short. Pure; chosen by <see cref="Name"/>.</summary>
internal interface IEvictionPolicy
{
    string Name { get; }

    /// <summary>Why a container was chosen, as people are told it: after "evicted", and in ASCII without a semicolon.</summary>
    string Words { get; }

    /// <summary>Negative when <paramref name="first"/> should be stopped before <paramref name="second"/>.</summary>
    int Compare(in EvictionCandidate first, in EvictionCandidate second);
}
