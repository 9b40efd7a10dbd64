using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>
/// The slots of one revision: idle containers last-in-first-out, so that surplus ones run into their idle timeout, and waiting calls first-in-first-out. A
/// released slot or a finished start is handed to the longest waiter; nothing polls.
/// </summary>
/// <remarks>
/// One lock guards everything here. Nothing foreign runs under it: what has to be told to the dispatcher, the drivers or the log is collected in a
/// <see cref="PoolEffects"/> and carried out after the lock is left. The dispatcher may call in while it holds its own lock, never the other way round.
/// </remarks>
internal sealed partial class SlotPool : IDisposable
{
    /// <summary>With more busy containers for each processor, a call that was given one goes behind what waits in the thread pool (docs/adr/0014).</summary>
    public const int FewPerProcessor = 8;

    private static readonly int s_few = FewPerProcessor * Environment.ProcessorCount;

    private readonly Lock _lock = new();
    private readonly List<HotContainer> _idle = [];
    private readonly LinkedList<HotContainer> _busy = new();
    private readonly LinkedList<SlotWaiter> _waiters = new();
    private readonly List<StartRequest> _requested = [];
    private readonly Action<object?> _abandon;
    private readonly SlotServices _services;
    private readonly IContainerDriver _driver;
    private readonly IFunctionFormat _format;
    private readonly PoolStatistics _statistics;
    private readonly GrowthGate _growth;
    private readonly StartBackoff _backoff;
    private readonly PoolAlarm _alarm;
    private readonly TimeProvider _time;
    private readonly CallOptions _options;

    private int _launching;
    private int _stopping;
    private bool _draining;
    private bool _closed;

    public SlotPool(FunctionSpec function, IContainerDriver driver, IFunctionFormat format, SlotServices services)
    {
        Function = function;
        _abandon = waiter => Abandon((SlotWaiter)waiter!);
        _driver = driver;
        _format = format;
        _services = services;
        _time = services.Time;
        _options = services.Calls;
        _statistics = new PoolStatistics(driver, format, services.DriverStarts);
        _growth = new GrowthGate(services.Time, GrowthGate.UnjudgedPerProcessor * Environment.ProcessorCount, services.ProcessorsIdle);
        _backoff = new StartBackoff(services.Time);
        _alarm = new PoolAlarm(services.Time, OnAlarm);
        _emptySince = _time.GetTimestamp();
        _alarm.RingBy(_time.Add(_emptySince, RetireAfter));
    }

    public FunctionSpec Function { get; }

    /// <summary>Memory of idle containers in bytes. Read without the lock: an estimate.</summary>
    public long IdleMemory => _idle.Count * Function.MemoryBytes;

    /// <summary>Asks for a slot. False: the pool is no longer in use and has to be looked up again.</summary>
    /// <param name="call">The call.</param>
    /// <param name="clientLeft">Takes the call off the queue.</param>
    /// <param name="slot">Complete when a slot is free or the call cannot be taken; else completes when the call is served, fails, or leaves.</param>
    public bool TryAcquire(CallOffer call, CancellationToken clientLeft, out ValueTask<SlotGrant> slot)
    {
        var hasRoom = true;
        if (call.Wait is null && !HasIdle)
            hasRoom = _services.Dispatcher.HasRoomFor(this);

        SlotWaiter waiter;
        var effects = new PoolEffects();
        lock (_lock)
        {
            if (TryAnswerLocked(call, hasRoom, out var grant))
            {
                slot = new ValueTask<SlotGrant>(grant.GetValueOrDefault());
                return grant is not null;
            }
            waiter = EnqueueLocked(call, ref effects);
        }
        CarryOut(effects);
        slot = waiter.WaitAsync(_abandon, clientLeft);
        return true;
    }

    /// <summary>Gives a slot back.</summary>
    /// <param name="container">The container whose call is over.</param>
    /// <param name="keep">Whether it can serve another call.</param>
    /// <param name="stillborn">Whether it ended, without an answer, in its first exchange.</param>
    public void Release(HotContainer container, bool keep, bool stillborn = false)
    {
        var becameIdle = false;
        var effects = new PoolEffects();
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            _busy.Remove(container.BusyNode);
            container.Log.CallId = null;
            // A call that cost its container tells nothing of how long a run takes.
            if (keep || _format.OneCall)
                LearnLocked(container, now);
            WarmLocked(container, ref effects);
            if (!stillborn)
                _backoff.Ready();
            else if (_backoff.EndedInFirst() is { } failure)
                FailAllLocked(failure, ref effects);
            if (ReasonToStopLocked(container, keep) is { } reason)
                StopLocked(container, reason, ref effects);
            else if (_claims > 0 && !IsYoungLocked(container, now))
                EvictClaimedLocked(container, ref effects);
            else if (_growth.IsSurplus(ReadyLocked + 1, now) && _idle.Count + _busy.Count >= _floor)
                StopLocked(container, StopReason.Surplus, ref effects);
            else if (_waiters.First is { } first)
                GiveLocked(container, first.Value, ref effects);
            else
                becameIdle = IdleLocked(container, now);
            ApplyRuleLocked(ref effects);
        }
        CarryOut(effects);
        if (becameIdle)
            _services.Dispatcher.BecameIdle();
    }

    private void LearnLocked(HotContainer container, long now)
    {
        var ran = _time.GetElapsedTime(container.BusySince, now);
        _statistics.Ran(!container.TakenWarm, ran, _time.GetElapsedTime(container.Timeline.Granted, now));
        // It is none of the busy ones any more.
        if (container.TakenWarm && _waiters.Count > 0)
            _growth.Ran(ReadyLocked + 1, ran, now);
    }

    /// <summary>Gives back a slot on which nothing was run.</summary>
    public void Return(HotContainer container)
    {
        var becameIdle = false;
        var effects = new PoolEffects();
        lock (_lock)
        {
            _busy.Remove(container.BusyNode);
            container.Log.CallId = null;
            container.Calls--;
            if (ReasonToStopLocked(container, keep: true) is { } reason)
                StopLocked(container, reason, ref effects);
            else if (_waiters.First is { } first && !_format.OneCall)
                GiveLocked(container, first.Value, ref effects);
            else if (_format.OneCall)
                StopLocked(container, StopReason.Unwanted, ref effects);
            else
                becameIdle = IdleLocked(container, _time.GetTimestamp());
            ApplyRuleLocked(ref effects);
        }
        CarryOut(effects);
        if (becameIdle)
            _services.Dispatcher.BecameIdle();
    }

    public void Dispose()
    {
        _alarm.Dispose();
        _stop.Dispose();
    }

    private bool HasIdle
    {
        get
        {
            lock (_lock)
                return _idle.Count > 0;
        }
    }

    /// <summary>Answers a call at once when it need not wait, or may not. True with null: the pool is closed for good.</summary>
    private bool TryAnswerLocked(CallOffer call, bool hasRoom, out SlotGrant? grant)
    {
        grant = null;
        if (_closed && !_draining)
            return true;
        if (_waiters.Count == 0 && _idle.Count > 0 && !_closed)
        {
            var container = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
            TakeLocked(container, call);
            grant = SlotGrant.Slot(container);
            return true;
        }
        grant = RefusalLocked(call, hasRoom);
        return grant is not null;
    }

    /// <summary>Why a call that finds no idle container is not even queued; null: it is.</summary>
    private SlotGrant? RefusalLocked(CallOffer call, bool hasRoom)
    {
        if (_closed || (_draining && !call.Detached))
            return SlotGrant.Refuse(NotPlacedReason.Draining);
        if (!_backoff.EverReady && _backoff.Current is { } failure)
            return SlotGrant.Fail(failure);
        if (call.Wait is null && !hasRoom && _waiters.Count >= LinesUpLocked())
            return SlotGrant.Refuse(NotPlacedReason.Full);
        if (TooLongLocked() is { } predicted)
            return SlotGrant.Fail(QueueTimedOut() with { RetryAfter = predicted });
        if (!_services.Queue.TryEnter())
            return SlotGrant.Fail(new CallFailure(CallError.QueueFull) { Limit = $"{CallOptions.Section}:MaxQueued={_options.MaxQueued}" });
        return null;
    }

    private SlotWaiter EnqueueLocked(CallOffer call, ref PoolEffects effects)
    {
        var now = _time.GetTimestamp();
        var limit = call.Wait is { } wait && wait < _options.QueueTimeout ? wait : _options.QueueTimeout;
        var waiter = new SlotWaiter(call, now, limit) { StartingBefore = StartingTimeLocked(now) };
        call.Timeline.Reason = WaitReasonLocked();
        _waiters.AddLast(waiter.Node);
        _takenNow += waiter.MayGoBack ? 1 : 0;
        _alarm.RingBy(_time.Add(now, limit));
        ChangedLocked();
        if (_format.OneCall)
            effects.Submit(waiter.Request = RequestLocked(waiter, new StartCause(null, default, call, now)));
        else
            ApplyRuleLocked(ref effects);
        return waiter;
    }

    private void Abandon(SlotWaiter waiter)
    {
        var effects = new PoolEffects();
        lock (_lock)
        {
            // Thread A serves the waiter while thread B's client leaves: whoever takes it off the queue decides.
            if (waiter.Node.List is null)
                return;
            LeaveLocked(waiter, SlotGrant.Fail(new CallFailure(CallError.ClientLeft)), ref effects);
            ApplyRuleLocked(ref effects);
        }
        CarryOut(effects);
    }

    /// <summary>Takes a waiter off the queue with an answer that is not a slot. A start made for it alone is dropped if it has not begun.</summary>
    private void LeaveLocked(SlotWaiter waiter, SlotGrant answer, ref PoolEffects effects)
    {
        DequeueLocked(waiter);
        if (waiter.Request is { } request && _requested.Remove(request))
            effects.Cancel(request);
        waiter.Answer(answer);
    }

    private void DequeueLocked(SlotWaiter waiter)
    {
        _waiters.Remove(waiter.Node);
        _takenNow -= waiter.MayGoBack ? 1 : 0;
        _services.Queue.Leave();
    }

    private void GiveLocked(HotContainer container, SlotWaiter waiter, ref PoolEffects effects)
    {
        DequeueLocked(waiter);
        TakeLocked(container, waiter.Call);
        effects.Give(container, waiter, _busy.Count <= s_few);
    }

    /// <summary>Why a container whose call is over cannot go on; null: it can.</summary>
    private StopReason? ReasonToStopLocked(HotContainer container, bool keep)
    {
        if (_closed)
            return StopReason.Shutdown;
        if (!keep)
            return _format.OneCall ? StopReason.OneCall : StopReason.NotReusable;
        return container.Container.Ended.IsCompleted || container.Channel.Broken.IsCompleted ? StopReason.Ended : null;
    }

    private void TakeLocked(HotContainer container, CallOffer call)
    {
        container.TryTransition(HotContainerState.Busy);
        container.BusySince = _usedAt = _time.GetTimestamp();
        ChangedLocked();
        container.TakenWarm = container.Warm;
        container.Log.CallId = call.CallId;
        _busy.AddLast(container.BusyNode);
        var timeline = call.Timeline;
        timeline.Mark(CallPhase.SlotTaken, container.BusySince);
        timeline.ContainerId = container.Id;
        if (++container.Calls == 1 && !container.Prewarmed)
            container.DescribeStartTo(timeline);
    }

    private bool IdleLocked(HotContainer container, long now)
    {
        container.TryTransition(HotContainerState.Idle);
        container.IdleSince = _usedAt = now;
        _idle.Add(container);
        _alarm.RingBy(_time.Add(now, Function.IdleTimeout));
        return true;
    }

    private CallFailure QueueTimedOut() =>
        new(CallError.QueueTimedOut) { Limit = $"{CallOptions.Section}:QueueTimeout={_options.QueueTimeout.TotalSeconds}s" };
}
