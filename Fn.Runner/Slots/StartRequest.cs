namespace Fn.Runner.Slots;

/// <summary>A pool's wish to start one container. In the dispatcher's hands (and changed only under its lock) until granted or cancelled.</summary>
internal sealed class StartRequest(SlotPool pool, SlotWaiter? waiter)
{
    public SlotPool Pool { get; } = pool;

    /// <summary>The call the container is for, when it serves one call; else null: it serves whoever waits longest.</summary>
    public SlotWaiter? Waiter { get; } = waiter;

    public long Bytes => Pool.Function.MemoryBytes;

    /// <summary>True when its function had no container, and none on the way, when it was asked for: such requests go first.</summary>
    public bool First { get; init; }

    /// <summary>True once its pool took it back.</summary>
    public bool Dropped { get; set; }

    /// <summary>Timestamp at which it was first found not to fit; null: not yet.</summary>
    public long? UnfitSince { get; set; }

    /// <summary>Its turn in the round robin over functions.</summary>
    public long Round { get; set; }

    /// <summary>Its place in the dispatcher's queue; null once granted or cancelled.</summary>
    public LinkedListNode<StartRequest>? Node { get; set; }
}
