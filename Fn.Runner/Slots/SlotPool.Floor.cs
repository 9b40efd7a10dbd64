using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>
/// The floor: so many containers, busy ones counted, that are kept although no call asks for them, for as long as a gateway renews its wish. Containers are
/// started up to it behind all starts that calls wait for, do not run into their idle timeout below it, and are evicted last.
/// </summary>
internal sealed partial class SlotPool
{
    private static readonly TimeSpan MostPause = TimeSpan.FromSeconds(30);

    /// <summary>A container that lived so long did not end because of how it started, and failures so long ago say nothing of the next start.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    // Starts that only the floor asks for. No call counts on them: a call's start takes the place of one.
    private readonly List<StartRequest> _ahead = [];
    private readonly List<WarmWaiter> _warmWaiters = [];
    private int _floor;
    private long _floorUntil;
    private int _floorFailures;
    private long _floorPausedUntil;
    private CallFailure? _floorFailure;

    /// <summary>Sets the floor, or renews it. False: the pool is no longer in use and has to be looked up again.</summary>
    /// <param name="wish">What is wished.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="state">How it is once the floor is reached, a start failed, or the wish's wait is over.</param>
    public bool TryKeep(WarmWish wish, CancellationToken cancel, out Task<WarmState> state)
    {
        var effects = new PoolEffects();
        lock (_lock)
        {
            if (_closed && !_draining)
            {
                state = Task.FromResult(WarmStateLocked());
                return false;
            }
            if (!_draining && !_format.OneCall)
                SetFloorLocked(wish);
            ApplyRuleLocked(ref effects);
            NoteEmptyLocked();
            state = WaitWarmLocked(wish.Wait, cancel);
        }
        CarryOut(effects);
        // Below a floor that was lowered there may be what a request without memory waits for.
        _services.Dispatcher.BecameIdle();
        return true;
    }

    private void SetFloorLocked(WarmWish wish)
    {
        _floor = Math.Min(wish.Count, Function.MaxContainers ?? int.MaxValue);
        _floorUntil = _time.Add(_time.GetTimestamp(), wish.Lease);
        _alarm.RingBy(_floorUntil);
        RingForIdleLocked();
    }

    /// <summary>What is beyond a floor that was lowered may have been idle for long.</summary>
    private void RingForIdleLocked()
    {
        if (_idle.Count > 0)
            _alarm.RingBy(_time.Add(_idle[0].IdleSince, Function.IdleTimeout));
    }

    private Task<WarmState> WaitWarmLocked(TimeSpan wait, CancellationToken cancel)
    {
        if (wait <= TimeSpan.Zero || IsFloorSettledLocked)
            return Task.FromResult(WarmStateLocked());
        var waiter = new WarmWaiter(_time.Add(_time.GetTimestamp(), wait));
        _warmWaiters.Add(waiter);
        _alarm.RingBy(waiter.Due);
        return WaitWarmAsync(waiter, cancel);
    }

    private static async Task<WarmState> WaitWarmAsync(WarmWaiter waiter, CancellationToken cancel)
    {
        await using (cancel.UnsafeRegister(static (state, token) => ((WarmWaiter)state!).TrySetCanceled(token), waiter))
            return await waiter.Task;
    }

    private void AnswerWarmLocked()
    {
        if (_warmWaiters.Count == 0)
            return;
        _warmWaiters.RemoveAll(waiter =>
        {
            var over = IsFloorSettledLocked || _time.GetTimestamp() >= waiter.Due;
            if (over)
                waiter.TrySetResult(WarmStateLocked());
            else
                _alarm.RingBy(waiter.Due);
            return over;
        });
    }

    private bool IsFloorSettledLocked => _floor == 0 || _draining || _floorFailure is not null || ReadyLocked >= _floor;

    private WarmState WarmStateLocked() => new()
    {
        Ready = ReadyLocked,
        Failure = _floorFailure is { } failure ? WarmState.Describe(failure) : null,
        Draining = _draining,
    };

    /// <summary>Idle containers beyond the floor: the first so many of the list, which are the least recently used.</summary>
    private int SpareLocked => Math.Clamp(_idle.Count + _busy.Count - _floor, 0, _idle.Count);

    /// <summary>Asks for the starts that the floor lacks, behind those that calls wait for, and drops those that it lacks no more.</summary>
    private void KeepFloorLocked(ref PoolEffects effects)
    {
        if (_floor == 0 && _ahead.Count == 0 && _warmWaiters.Count == 0)
            return;
        var now = _time.GetTimestamp();
        var missing = _floor - (_idle.Count + _busy.Count + _launching + _requested.Count);
        if (missing > 0 && now < _floorPausedUntil)
        {
            _alarm.RingBy(_floorPausedUntil);
            missing = 0;
        }
        for (; _ahead.Count > Math.Max(0, missing); _ahead.RemoveAt(_ahead.Count - 1))
            effects.Cancel(_ahead[^1]);
        while (_ahead.Count < missing)
        {
            var request = new StartRequest(this, null) { Ahead = true, Cause = new StartCause(null, default, null, now) };
            _ahead.Add(request);
            effects.Submit(request);
        }
        AnswerWarmLocked();
    }

    private void EndFloorLocked(ref PoolEffects effects)
    {
        _floor = 0;
        KeepFloorLocked(ref effects);
        RingForIdleLocked();
        NoteEmptyLocked();
    }

    /// <returns>Whether the floor has ended, so that what it kept is for others to have.</returns>
    private bool ExpireFloorLocked(long now, ref PoolEffects effects)
    {
        if (_floor == 0)
            return false;
        if (now < _floorUntil)
        {
            _alarm.RingBy(_floorUntil);
            return false;
        }
        EndFloorLocked(ref effects);
        return true;
    }

    /// <summary>A container for the floor did not start, or did not stay: the next try has to wait, 1, 2, 4 … 30 s.</summary>
    private void PauseFloorLocked(CallFailure failure)
    {
        if (_floor == 0)
            return;
        _floorFailure = failure;
        var now = _time.GetTimestamp();
        // Several starts that were under way together are one attempt.
        if (now < _floorPausedUntil)
            return;
        if (_time.GetElapsedTime(_floorPausedUntil, now) >= Settled)
            _floorFailures = 0;
        var pause = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(_floorFailures++, 10)));
        _floorPausedUntil = _time.Add(now, pause < MostPause ? pause : MostPause);
    }

    /// <summary>An idle container has ended by itself. One that did so soon, and without a call, would do so again at once.</summary>
    private void NoteLossLocked(HotContainer container)
    {
        if (container.Calls == 0 && _time.GetElapsedTime(container.Timeline.Ready) < Settled)
            PauseFloorLocked(new CallFailure(CallError.InitializationFailed) { Detail = "the container ended while it was idle" });
    }

    /// <summary>Somebody who wants to know when the floor is reached. Answered once, under the pool's lock or by who asked; never goes on under that lock.</summary>
    private sealed class WarmWaiter(long due) : TaskCompletionSource<WarmState>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Due { get; } = due;
    }
}
