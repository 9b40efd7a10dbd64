using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>
/// A call that waits for a slot. It belongs to its pool and is changed only under the pool's lock; the task is completed once, by whoever takes it off the
/// queue. Continuations never run under that lock.
/// </summary>
internal sealed class SlotWaiter : TaskCompletionSource<SlotGrant>
{
    public SlotWaiter(CallOffer call, long enqueuedAt, TimeSpan limit)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Call = call;
        MayGoBack = call is { Wait: null, Detached: false };
        EnqueuedAt = enqueuedAt;
        Limit = limit;
        Node = new LinkedListNode<SlotWaiter>(this);
    }

    public CallOffer Call { get; }

    /// <summary>Whether it can still be refused, to be offered elsewhere. A detached call has been accepted as soon as it waits.</summary>
    public bool MayGoBack { get; }

    public long EnqueuedAt { get; }

    /// <summary>How long it may wait, time in which its container is being pulled and started not counted.</summary>
    public TimeSpan Limit { get; }

    /// <summary>Its place in the queue.</summary>
    public LinkedListNode<SlotWaiter> Node { get; }

    /// <summary>The pool's time without any ready container but with one being started, when this call came.</summary>
    public TimeSpan StartingBefore { get; init; }

    /// <summary>The start made for this call alone, in a pool whose containers serve one call.</summary>
    public StartRequest? Request { get; set; }

    /// <summary>True once that start has begun: from then on the limits of the start hold, not <see cref="Limit"/>.</summary>
    public bool StartBegun { get; set; }
}
