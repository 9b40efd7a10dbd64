using System.Diagnostics;
using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>A start from its grant to a container that is warm, or to its failure.</summary>
internal sealed partial class SlotPool
{
    /// <summary>The dispatcher grants a start: it begins, unless nobody wants it any more.</summary>
    public void Begin(StartRequest request, StartGrant grant)
    {
        var wanted = false;
        lock (_lock)
        {
            // Thread A grants while thread B drops the request because its last waiter left: then A's grant goes straight back.
            if (_requested.Remove(request) || _ahead.Remove(request))
            {
                wanted = true;
                _launching++;
                ChangedLocked();
                if (request.Waiter is { } waiter)
                    waiter.StartBegun = true;
                TrackStartingLocked();
            }
        }
        _services.Background.Run(() => wanted ? LaunchAsync(request, grant) : ReturnAsync(grant));
    }

    private async Task ReturnAsync(StartGrant grant)
    {
        grant.Token.Dispose();
        (await grant.Memory).Dispose();
        _services.Dispatcher.Pump();
    }

    private async Task LaunchAsync(StartRequest request, StartGrant grant)
    {
        var memory = await grant.Memory;
        var timeline = new LaunchTimeline
        {
            Requested = request.Cause.At,
            Granted = _time.GetTimestamp(),
            StartReason = StartReasons.OfStart(request.Cause),
            EvictionReason = StartReasons.OfEviction(grant.Victims, request.Claimed, grant.Policy, request.Bytes),
            Span = request.Span,
        };
        // What is logged on the way belongs to the start.
        if (request.Span is not null)
            Activity.Current = request.Span;
        var outcome = await _services.Launcher.LaunchAsync(Function, _driver, _format, request.Waiter?.Call, timeline, _stop.Token);
        StartTrace.End(_services.Telemetry, request, _driver.Name, timeline, outcome, _time);
        if (outcome.Container is not { } container)
        {
            // Told first: what goes back here must not go to another start of those who get the failure.
            OnStartFailed(request, timeline, outcome.Failure!);
            await outcome.Removal;
            memory.Dispose();
            grant.Token.Dispose();
            return;
        }
        container.Reservation = memory;
        container.StartToken = grant.Token;
        OnStarted(request, container);
        Watch(container);
    }

    private void OnStarted(StartRequest request, HotContainer container)
    {
        var becameIdle = false;
        var effects = new PoolEffects();
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            _launching--;
            _warming++;
            Started++;
            // Without a ready signal it is the first answer that shows it.
            if (_format.HasReadySignal || _format.OneCall)
                _backoff.Ready();
            var took = _time.GetElapsedTime(container.Timeline.Granted, now);
            _statistics.Launched(took);
            _floorFailure = null;
            // Nobody is left who wants a container made for one call, or any at all.
            if (_closed || request.Waiter is { Node.List: null })
                StopLocked(container, _closed ? StopReason.Shutdown : StopReason.Unwanted, ref effects);
            else if ((request.Waiter ?? _waiters.First?.Value) is { } waiter)
                GiveLocked(container, waiter, ref effects);
            else
            {
                container.Prewarmed = request.Ahead;
                becameIdle = IdleLocked(container, now);
            }
            if (_format.HasReadySignal || _format.OneCall)
                WarmLocked(container, ref effects);
            else if (container.State != HotContainerState.Stopping)
                _alarm.RingBy(_time.Add(container.Timeline.Granted, _statistics.Start));
            ApplyRuleLocked(ref effects);
        }
        CarryOut(effects);
        if (becameIdle)
            _services.Dispatcher.BecameIdle();
    }

    private void OnStartFailed(StartRequest request, LaunchTimeline timeline, CallFailure failure)
    {
        var effects = new PoolEffects();
        lock (_lock)
        {
            _launching--;
            _step = 1;
            if (failure.Error != CallError.ClientLeft)
                PauseFloorLocked(failure);
            if (!_backoff.EverReady && failure.Error != CallError.ClientLeft)
                FailAllLocked(_backoff.Failed(failure), ref effects, timeline);
            else if (!request.Ahead && (request.Waiter ?? _waiters.First?.Value) is { Node.List: not null } waiter)
            {
                timeline.ExplainTo(waiter.Call.Timeline);
                LeaveLocked(waiter, SlotGrant.Fail(failure), ref effects);
            }
            NoteEmptyLocked();
            ApplyRuleLocked(ref effects);
        }
        CarryOut(effects);
    }

    /// <summary>The function does not start: everyone who waits for it is told so, and of the start that was the last to fail, if one did.</summary>
    private void FailAllLocked(CallFailure failure, ref PoolEffects effects, LaunchTimeline? start = null)
    {
        while (_waiters.First is { } first)
        {
            start?.ExplainTo(first.Value.Call.Timeline);
            LeaveLocked(first.Value, SlotGrant.Fail(failure), ref effects);
        }
    }

    /// <summary>
    /// The container's start is over for the rule and for the start budget: it said it is ready, or its first exchange ended, or took so long that it is a
    /// long run rather than a start.
    /// </summary>
    private void WarmLocked(HotContainer container, ref PoolEffects effects)
    {
        if (container.Warm)
            return;
        container.Warm = true;
        container.WarmAt = _time.GetTimestamp();
        _warming--;
        if (container.StartToken is { } token)
            effects.GiveBack(token);
        // It has yet to show what it is good for.
        _lastingSince = null;
        // One after the first, then twice as many with every round: 1, 2, 4 …
        if (ReadyLocked > 1)
            _step++;
    }

    private void WarmOverdueLocked(long now, ref PoolEffects effects)
    {
        if (_warming == 0)
            return;
        var limit = _statistics.Start;
        foreach (var container in (IEnumerable<HotContainer>)[.. _busy, .. _idle])
        {
            if (container.Warm)
                continue;
            var left = limit - _time.GetElapsedTime(container.Timeline.Granted, now);
            if (left <= TimeSpan.Zero)
                WarmLocked(container, ref effects);
            else
                _alarm.RingBy(_time.Add(now, left));
        }
    }
}
