namespace Fn.Api.Placement;

/// <summary>Why a call was offered to just this runner.</summary>
internal enum PlacementWhy
{
    /// <summary>It is the only one.</summary>
    OnlyRunner,

    /// <summary>It has an idle container of the function.</summary>
    IdleContainer,

    /// <summary>Waiting there for a container of the function takes less time than starting one.</summary>
    ShortWait,

    /// <summary>It has memory to start one.</summary>
    FreeMemory,

    /// <summary>It holds the container that was used least recently, and evicts it.</summary>
    Eviction,

    /// <summary>All refused to take the call at once, and there it will wait the least.</summary>
    ShortestQueue,
}

internal static class PlacementWhyNames
{
    /// <summary>How it is written in spans: never renamed.</summary>
    public static string Name(this PlacementWhy why) => why switch
    {
        PlacementWhy.OnlyRunner => "only_runner",
        PlacementWhy.IdleContainer => "idle_container",
        PlacementWhy.ShortWait => "short_wait",
        PlacementWhy.FreeMemory => "free_memory",
        PlacementWhy.Eviction => "eviction",
        _ => "shortest_queue",
    };
}
