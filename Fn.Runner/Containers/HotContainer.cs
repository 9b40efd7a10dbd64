using System.Diagnostics;
using Fn.Runner.Drivers;
using Fn.Runner.Resources;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Containers;

/// <summary>
/// A started container that serves calls one by one. Its state is owned by the pool it belongs to and changes only under that pool's lock; what a busy
/// container does is owned by the call that holds it.
/// </summary>
#pragma warning disable CA1001 // Disposed when the container is removed.
internal sealed class HotContainer
#pragma warning restore CA1001
{
    private CancellationTokenSource? _cancellation;

    public HotContainer(IContainer container, ICallChannel channel, LogSource log, LaunchTimeline timeline)
    {
        Container = container;
        Channel = channel;
        Log = log;
        Timeline = timeline;
        BusyNode = new LinkedListNode<HotContainer>(this);
    }

    public string Id => Container.Id;

    public IContainer Container { get; }

    public ICallChannel Channel { get; }

    public LogSource Log { get; }

    /// <summary>How its start went; the first call's timeline takes it over.</summary>
    public LaunchTimeline Timeline { get; }

    /// <summary>The host directory of its socket, when its format has one.</summary>
    public string? SocketDirectory { get; init; }

    public HotContainerState State { get; private set; } = HotContainerState.Busy;

    /// <summary>Its place among the busy containers of its pool, oldest call first.</summary>
    public LinkedListNode<HotContainer> BusyNode { get; }

    /// <summary>True when it was started, and ready, before a call wanted it: then none of its calls is cold.</summary>
    public bool Prewarmed { get; set; }

    /// <summary>Calls it was given so far.</summary>
    public long Calls { get; set; }

    /// <summary>Timestamp at which the running call got its slot.</summary>
    public long BusySince { get; set; }

    /// <summary>Timestamp at which it became idle.</summary>
    public long IdleSince { get; set; }

    /// <summary>False while its first exchange still counts as part of its start.</summary>
    public bool Warm { get; set; }

    /// <summary>Timestamp at which it became warm; 0 before. Who came before that, waited for its start.</summary>
    public long WarmAt { get; set; }

    /// <summary>Whether it was warm when the running call got it.</summary>
    public bool TakenWarm { get; set; }

    /// <summary>Its memory, from before its start until it is gone. Set once, by its pool.</summary>
    public MemoryReservation? Reservation { get; set; }

    /// <summary>Its share of the start budget; given back when it is warm, or stopped before.</summary>
    public IDisposable? StartToken { get; set; }

    /// <summary>Why it ends; null: it does not yet. Set once, by its pool.</summary>
    public ContainerStop? Stop { get; set; }

    /// <summary>
    /// What ends a call of this container by its timeout or earlier. The calls of a container have the same one, one after the other, as long as it was not
    /// used: one for each would be a timer for each.
    /// </summary>
    public CancellationTokenSource TakeCancellation(TimeSpan timeout, TimeProvider time)
    {
        var cancellation = Interlocked.Exchange(ref _cancellation, null);
        if (cancellation is null)
            return new CancellationTokenSource(timeout, time);
        cancellation.CancelAfter(timeout);
        return cancellation;
    }

    /// <summary>The call is over, and nobody has its token any more, or looks at it.</summary>
    public void GiveBack(CancellationTokenSource cancellation)
    {
        if (cancellation.TryReset())
            Interlocked.Exchange(ref _cancellation, cancellation)?.Dispose();
        else
            cancellation.Dispose();
    }

    /// <summary>The only place where the state changes. An illegal move is a bug; it changes nothing and says so.</summary>
    public bool TryTransition(HotContainerState to)
    {
        var legal = (State, to) switch
        {
            (HotContainerState.Busy, HotContainerState.Idle) => true,
            (HotContainerState.Idle, HotContainerState.Busy) => true,
            // From one call straight to the longest waiter.
            (HotContainerState.Busy, HotContainerState.Busy) => true,
            (HotContainerState.Idle or HotContainerState.Busy, HotContainerState.Stopping) => true,
            (HotContainerState.Stopping, HotContainerState.Gone) => true,
            _ => false,
        };
        Debug.Assert(legal, $"A container cannot go from {State} to {to}.");
        if (legal)
            State = to;
        return legal;
    }

    /// <summary>Removes it with all that belongs to it, but for its <see cref="Reservation"/>. Completes when it is gone.</summary>
    public async Task RemoveAsync()
    {
        Interlocked.Exchange(ref _cancellation, null)?.Dispose();
        await Channel.DisposeAsync();
        await Container.RemoveAsync();
        SocketDirectories.Remove(SocketDirectory);
    }

    /// <summary>Tells the call that is the container's first how the start went.</summary>
    public void DescribeStartTo(CallTimeline call)
    {
        call.Cold = true;
        call.Mark(CallPhase.StartGranted, Timeline.Granted);
        call.Mark(CallPhase.Pulled, Timeline.Pulled);
        call.Mark(CallPhase.Created, Timeline.Created);
        call.Mark(CallPhase.Started, Timeline.Started);
        call.Mark(CallPhase.Ready, Timeline.Ready);
        Timeline.ExplainTo(call);
    }
}
