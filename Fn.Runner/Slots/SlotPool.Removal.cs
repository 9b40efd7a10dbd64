using Fn.Runner.Containers;
using Fn.Runner.Eviction;
using Fn.Runner.Resources;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>How containers leave the pool: by their own end, idle timeout, eviction, drain.</summary>
internal sealed partial class SlotPool
{
    /// <summary>A container that was used less than this ago is taken for one in use: its next call is probably on its way.</summary>
    private static readonly TimeSpan InUse = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private int _claims;
    private StartRequest? _claimedFor;

    /// <summary>Called once, outside the lock, when the pool has been empty for long and takes no more calls.</summary>
    public Action<SlotPool>? Retired { get; init; }

    /// <summary>The dispatcher's own note, under its lock: the last turn in the round robin that a request of this pool has.</summary>
    public long StartRound { get; set; }

    /// <summary>The dispatcher's own note, under its lock: requests of this pool in the round robin.</summary>
    public int StartTurns { get; set; }

    /// <summary>Containers started since the pool exists.</summary>
    public long Started { get; private set; }

    /// <summary>Whether it has neither containers nor anybody who asks for one.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return IsEmptyLocked;
        }
    }

    /// <summary>Whether it takes no more calls because it was empty for long.</summary>
    public bool IsRetired
    {
        get
        {
            lock (_lock)
                return _closed && !_draining && IsEmptyLocked;
        }
    }

    /// <summary>
    /// Adds this pool's idle containers to the candidates for eviction, but for those in use: for a function that has containers already all of these, for
    /// one without only the young. What the floor keeps is for a function without containers only, and last. Returns when the next one that is spared now may
    /// be taken; null: none is spared.
    /// </summary>
    /// <param name="candidates">Where to.</param>
    /// <param name="forStart">The start that is short of memory; null: one of a function that has containers.</param>
    public long? AddCandidates(List<(EvictionCandidate Candidate, SlotPool Pool, HotContainer Container)> candidates, StartRequest? forStart)
    {
        var forFirst = forStart is { First: true };
        var inUse = forStart is { Ahead: true } ? StartDispatcher.AheadSpares : InUse;
        long? next = null;
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            var spare = SpareLocked;
            for (var index = 0; index < _idle.Count && (index < spare || forFirst); index++)
            {
                var container = _idle[index];
                if (_time.GetElapsedTime(container.IdleSince, now) < inUse && (!forFirst || IsYoungLocked(container, now)))
                {
                    var free = _time.Add(container.IdleSince, inUse);
                    next = next is { } known ? Math.Min(known, free) : free;
                    continue;
                }
                candidates.Add((new EvictionCandidate(container.IdleSince, Function.MemoryBytes, _statistics.Start, container.Calls, WithinFloor: index >= spare), this, container));
            }
        }
        return next;
    }

    /// <summary>Takes an idle container out for eviction. False: it is not idle any more.</summary>
    /// <param name="container">Which.</param>
    /// <param name="request">The start that gets its memory.</param>
    public bool TryEvict(HotContainer container, StartRequest request)
    {
        lock (_lock)
        {
            if (container.State != HotContainerState.Idle || !_idle.Remove(container))
                return false;
            // The caller removes it, and its start token, if it still has one, goes back then.
            var effects = new PoolEffects();
            StopLocked(container, StopReason.Memory, ref effects, request);
            return true;
        }
    }

    /// <summary>Removes an evicted container and hands its memory over.</summary>
    public async Task<MemoryReservation> RemoveEvictedAsync(HotContainer container)
    {
        container.StartToken?.Dispose();
        await RemoveAsync(container);
        return container.Reservation!;
    }

    /// <summary>The next so many releases go to the evictor instead of a waiter: a function without any container waits for memory this pool holds.</summary>
    /// <param name="claims">How many.</param>
    /// <param name="claimedFor">The request that has waited for it the longest.</param>
    public void SetClaims(int claims, StartRequest? claimedFor)
    {
        lock (_lock)
            (_claims, _claimedFor) = (claims, claimedFor);
    }

    /// <summary>What the dispatcher weighs when all containers are busy.</summary>
    public (int Containers, int Busy, int Stopping) Holdings
    {
        get
        {
            lock (_lock)
                return (_idle.Count + _busy.Count + _launching, _format.OneCall ? 0 : _busy.Count, _stopping);
        }
    }

    /// <summary>Refuses those who wait, but for detached calls, which were accepted, and takes no new call.</summary>
    public void Drain()
    {
        var effects = new PoolEffects();
        lock (_lock)
        {
            _draining = true;
            for (var node = _waiters.First; node is not null;)
            {
                var waiter = node.Value;
                node = node.Next;
                if (!waiter.Call.Detached)
                    LeaveLocked(waiter, SlotGrant.Refuse(NotPlacedReason.Draining), ref effects);
            }
            EndFloorLocked(ref effects);
            ApplyRuleLocked(ref effects);
        }
        CarryOut(effects);
    }

    /// <summary>Stops everything that is idle or being started and takes no more calls; busy containers stop when they are released.</summary>
    public void Close()
    {
        var effects = new PoolEffects();
        lock (_lock)
        {
            _closed = _draining = true;
            while (_waiters.First is { } first)
                LeaveLocked(first.Value, SlotGrant.Refuse(NotPlacedReason.Draining), ref effects);
            foreach (var container in _idle)
                StopLocked(container, StopReason.Shutdown, ref effects);
            _idle.Clear();
            foreach (var request in _requested)
                effects.Cancel(request);
            _requested.Clear();
            EndFloorLocked(ref effects);
        }
        _stop.Cancel();
        CarryOut(effects);
    }

    /// <summary>Ends all idle containers; returns how many.</summary>
    public int StopIdle()
    {
        var count = 0;
        var effects = new PoolEffects();
        lock (_lock)
        {
            count = _idle.Count;
            foreach (var container in _idle)
                StopLocked(container, StopReason.Asked, ref effects);
            _idle.Clear();
            ApplyRuleLocked(ref effects);
        }
        CarryOut(effects);
        return count;
    }

    private bool IsYoungLocked(HotContainer container, long now) =>
        _time.GetElapsedTime(container.Timeline.Ready, now) < _services.Containers.MinResidency;

    private void EvictClaimedLocked(HotContainer container, ref PoolEffects effects)
    {
        _claims--;
        _claimedFor?.NoteClaimed(new Victim(this, container, TimeSpan.Zero));
        StopLocked(container, StopReason.Claim, ref effects, _claimedFor);
    }

    /// <summary>Begins the end of a container that is on neither list any more.</summary>
    private void StopLocked(HotContainer container, StopReason reason, ref PoolEffects effects, StartRequest? roomFor = null)
    {
        container.TryTransition(HotContainerState.Stopping);
        container.Stop = new ContainerStop(reason, _time.GetTimestamp(), roomFor?.Pool.Function, roomFor?.Span);
        _stopping++;
        ChangedLocked();
        if (!container.Warm)
        {
            container.Warm = true;
            _warming--;
            if (container.StartToken is { } token)
                effects.GiveBack(token);
        }
        effects.Stop(container);
    }

    /// <summary>Carries out what was decided under the lock, after it.</summary>
    private void CarryOut(in PoolEffects effects)
    {
        if (effects.AnyButGiven)
            CarryOutRare(effects);
        // Last: it takes as long as the sending of its call.
        if (effects.Given is not { } given)
            return;
        if (given.AmongFew || ThreadPool.PendingWorkItemCount == 0)
            given.Waiter.AnswerHere(SlotGrant.Slot(given.Container));
        else
            given.Waiter.Answer(SlotGrant.Slot(given.Container));
    }

    private void CarryOutRare(in PoolEffects effects)
    {
        foreach (var token in effects.Tokens ?? [])
            token.Dispose();
        foreach (var container in effects.Stopped ?? [])
            _services.Background.Run(() => RemoveAndFreeAsync(container));
        foreach (var request in effects.Submitted ?? [])
            request.Span ??= StartTrace.Begin(_services.Telemetry, request.Cause, _time);
        _services.Dispatcher.Change(effects.Submitted, effects.Cancelled);
    }

    private async Task RemoveAndFreeAsync(HotContainer container)
    {
        await RemoveAsync(container);
        container.Reservation!.Dispose();
        _services.Dispatcher.Pump();
    }

    private async Task RemoveAsync(HotContainer container)
    {
        await container.RemoveAsync();
        StopTrace.Add(_services.Telemetry, Function, container, _time);
        var effects = new PoolEffects();
        lock (_lock)
        {
            container.TryTransition(HotContainerState.Gone);
            _stopping--;
            NoteEmptyLocked();
            ApplyRuleLocked(ref effects);
        }
        CarryOut(effects);
    }

    private void NoteEmptyLocked()
    {
        if (!IsEmptyLocked)
            return;
        _emptySince = _time.GetTimestamp();
        _alarm.RingBy(_time.Add(_emptySince, RetireAfter));
    }

    /// <summary>An idle container that ends, closes its stream or speaks out of turn is replaced when it is needed; no call is lost to it.</summary>
    private void Watch(HotContainer container)
    {
        _ = container.Container.Ended.ContinueWith(_ => OnUnusable(container), _services.Background.Scheduler);
        _ = container.Channel.Broken.ContinueWith(_ => OnUnusable(container), _services.Background.Scheduler);
    }

    private void OnUnusable(HotContainer container)
    {
        var effects = new PoolEffects();
        lock (_lock)
        {
            // A busy one is discarded on release: its call finds out by itself.
            if (container.State != HotContainerState.Idle || !_idle.Remove(container))
                return;
            NoteLossLocked(container);
            StopLocked(container, StopReason.Ended, ref effects);
            ApplyRuleLocked(ref effects);
        }
        CarryOut(effects);
    }
}
