using System.Threading.Tasks.Sources;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>
/// A call that waits for a slot. It belongs to its pool and is changed only under the pool's lock; its answer is given once, by whoever takes it off the
/// queue. Its caller never goes on under that lock.
/// </summary>
internal sealed class SlotWaiter : IValueTaskSource<SlotGrant>
{
    // How many callers go on inside of each other on this thread.
    [ThreadStatic]
    private static int _inside;

    private ManualResetValueTaskSourceCore<SlotGrant> _answer = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _clientLeft;

    public SlotWaiter(CallOffer call, long enqueuedAt, TimeSpan limit)
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

    /// <summary>Waits for the answer. To be called once.</summary>
    /// <param name="abandon">Takes the waiter, which is its argument, off the queue.</param>
    /// <param name="clientLeft">When that is done: its client has left.</param>
    public ValueTask<SlotGrant> WaitAsync(Action<object?> abandon, CancellationToken clientLeft)
    {
        _clientLeft = clientLeft.UnsafeRegister(abandon, this);
        return new ValueTask<SlotGrant>(this, _answer.Version);
    }

    /// <summary>Answers; the caller goes on elsewhere.</summary>
    public void Answer(SlotGrant grant) => _answer.SetResult(grant);

    /// <summary>
    /// Answers; the caller goes on right here, so that its call is on its way without waiting for a thread. Not under a lock. One that ends in here at once, and
    /// with it frees a slot for the next, does not carry that one further down the stack.
    /// </summary>
    public void AnswerHere(SlotGrant grant)
    {
        _answer.RunContinuationsAsynchronously = _inside > 0;
        _inside++;
        try
        {
            _answer.SetResult(grant);
        }
        finally
        {
            _inside--;
        }
    }

    SlotGrant IValueTaskSource<SlotGrant>.GetResult(short token)
    {
        // Not awaited: whoever took this off the queue was first.
        _clientLeft.Unregister();
        return _answer.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<SlotGrant>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<SlotGrant>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}
