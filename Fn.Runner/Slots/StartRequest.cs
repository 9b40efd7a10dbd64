using System.Diagnostics;

namespace Fn.Runner.Slots;

/// <summary>A pool's wish to start one container. In the dispatcher's hands (and changed only under its lock) until granted or cancelled.</summary>
internal sealed class StartRequest(SlotPool pool, SlotWaiter? waiter)
{
    private Victim? _claimed;

    public SlotPool Pool { get; } = pool;

    /// <summary>The call the container is for, when it serves one call; else null: it serves whoever waits longest.</summary>
    public SlotWaiter? Waiter { get; } = waiter;

    /// <summary>Why it was asked for.</summary>
    public StartCause Cause { get; init; }

    /// <summary>The span of the start; null: it is not traced. Set before the dispatcher has the request.</summary>
    public Activity? Span { get; set; }

    /// <summary>A container that was taken for it from a busy function; null: none.</summary>
    public Victim? Claimed => Volatile.Read(ref _claimed);

    public long Bytes => Pool.Function.MemoryBytes;

    /// <summary>True when its function had no container, and none on the way, when it was asked for: such requests go first.</summary>
    public bool First { get; init; }

    /// <summary>True when no call waits for it, but its pool is below its floor: such requests go last.</summary>
    public bool Ahead { get; init; }

    /// <summary>True once its pool took it back.</summary>
    public bool Dropped { get; set; }

    /// <summary>Timestamp at which it was first found not to fit; null: not yet.</summary>
    public long? UnfitSince { get; set; }

    /// <summary>Its turn in the round robin over functions.</summary>
    public long Round { get; set; }

    /// <summary>Its place in the dispatcher's queue; null once granted or cancelled.</summary>
    public LinkedListNode<StartRequest>? Node { get; set; }

    /// <summary>A container's memory was claimed for this request. Called under the lock of the container's pool; the first one is remembered.</summary>
    public void NoteClaimed(Victim victim) => Interlocked.CompareExchange(ref _claimed, victim, null);
}
