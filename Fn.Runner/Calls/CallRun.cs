using Fn.Runner.Containers;
using Fn.Runner.Slots;
using Fn.Runner.Telemetry;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls;

/// <summary>
/// One call on one slot, from the moment it holds the slot until it gives it back, once, on every path. Keeps apart why an exchange was ended: the
/// function's timeout, a client that left, or a runner that stops.
/// </summary>
internal sealed class CallRun
{
    private readonly SlotPool _pool;
    private readonly HotContainer _container;
    private readonly CallOffer _call;
    private readonly TimeSpan _abandonedGrace;
    private readonly TimeProvider _time;
    private readonly ActiveCalls _active;
    private readonly CancellationTokenSource _cancel;
    private CancellationTokenRegistration _clientLeft;
    private CancellationTokenRegistration _runnerStopped;
    private volatile bool _abandoned;
    private volatile bool _stopped;
    private int _released;

    // Its answer was handed on, its slot given back: both, in either order, are the end of a call that is answered.
    private int _ends;
    private CallError? _error;

    /// <param name="pool">Whose slot it is.</param>
    /// <param name="container">The slot.</param>
    /// <param name="call">The call.</param>
    /// <param name="abandonedGrace">How long it may go on without its client.</param>
    /// <param name="time">The clock.</param>
    /// <param name="active">Is left when an answered call is over. Any other is not over with its run.</param>
    public CallRun(SlotPool pool, HotContainer container, CallOffer call, TimeSpan abandonedGrace, TimeProvider time, ActiveCalls active)
    {
        _active = active;
        _pool = pool;
        _container = container;
        _call = call;
        _abandonedGrace = abandonedGrace;
        _time = time;
        _cancel = container.TakeCancellation(call.Function.Timeout, time);
        Cancelled = _cancel.Token;
    }

    /// <summary>The call's trace; null: it is not traced.</summary>
    public CallTrace? Trace { get; init; }

    /// <summary>Measures the call when an answer was its end.</summary>
    public RunnerTelemetry? Telemetry { get; init; }

    /// <summary>Ends the exchange, also while its answer's body is read. Means nothing any more once the slot was given back with a container that is kept.</summary>
    public CancellationToken Cancelled { get; }

    /// <summary>True when the container was started for this call.</summary>
    public bool IsFirstOfContainer => _call.Timeline.Cold;

    /// <summary>Sends the call. What comes of it is to be told to <see cref="Sent"/>, or to <see cref="Threw"/>.</summary>
    /// <param name="clientLeft">Nobody wants the answer any more.</param>
    /// <param name="runnerStopped">The runner ends its containers, whatever they do.</param>
    public ValueTask<ExchangeOutcome> SendAsync(CancellationToken clientLeft, CancellationToken runnerStopped)
    {
        _clientLeft = clientLeft.UnsafeRegister(static run => ((CallRun)run!).OnClientLeft(), this);
        _runnerStopped = runnerStopped.UnsafeRegister(static run => ((CallRun)run!).OnRunnerStopped(), this);
        Trace?.BeginRun(_container, _call);
        var request = new ExchangeRequest { Call = _call, Deadline = _time.GetUtcNow() + _call.Function.Timeout };
        return _container.Channel.SendAsync(request, Cancelled);
    }

    /// <summary>The call was sent, and this came of it. On any outcome but an answer the slot has been given back.</summary>
    public ExchangeOutcome Sent(ExchangeOutcome outcome)
    {
        _call.Timeline.Mark(CallPhase.Answered);
        if (outcome is ExchangeAnswer)
        {
            EndOnce();
            return outcome;
        }
        if (outcome is NotSentOutcome)
            Trace?.NotSent();
        Release(outcome is ExchangeFailedOutcome && _container.Channel.Reusable, ErrorOf(outcome), _container.Calls == 1 && HasEnded(outcome));
        return outcome;
    }

    /// <summary>Sending threw. What came of it, when that is because it was cancelled; null: it is a bug, and the slot has been given back.</summary>
    public ExchangeOutcome? Threw(Exception e)
    {
        if (e is OperationCanceledException && Cancelled.IsCancellationRequested)
            return new ExchangeFailedOutcome(WhyCancelled());
        Release(keep: false, CallError.Internal);
        return null;
    }

    /// <summary>What to answer when <see cref="Cancelled"/> fired.</summary>
    public CallFailure WhyCancelled()
    {
        if (_stopped)
            return new CallFailure(CallError.RunnerLost) { Detail = "the runner stopped" };
        return _abandoned
            ? new CallFailure(CallError.ClientLeft)
            : new CallFailure(CallError.FunctionTimedOut) { Limit = $"timeout={_call.Function.TimeoutSeconds}s" };
    }

    /// <summary>
    /// Nobody wants the answer any more. A function that has the whole request may finish within the grace, so that its container can be kept; a
    /// half-sent request can only be broken off.
    /// </summary>
    public void OnClientLeft()
    {
        _abandoned = true;
        var left = _call.Function.Timeout - _time.GetElapsedTime(_container.BusySince);
        var grace = left < _abandonedGrace ? left : _abandonedGrace;
        try
        {
            if (_call.Body.IsDelivered && grace > TimeSpan.Zero)
                _cancel.CancelAfter(grace);
            else
                _cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Thread A ends the call while thread B's client leaves: it is over either way.
        }
    }

    /// <summary>The runner has waited long enough: the container ends now, even if nobody is reading its answer at the moment.</summary>
    private void OnRunnerStopped()
    {
        _stopped = true;
        try
        {
            _cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Thread A ends the call while thread B stops the runner: it is over either way.
        }
        Release(keep: false, CallError.RunnerLost);
    }

    /// <summary>The answer's body was read to its end, or will not be.</summary>
    /// <param name="toItsEnd">Whether nothing of it is left in the container's stream.</param>
    /// <param name="error">Why it was not read to its end; null: it was.</param>
    public void Complete(bool toItsEnd, CallError? error) => Release(toItsEnd && _container.Channel.Reusable, error);

    private static bool HasEnded(ExchangeOutcome outcome) => outcome is NotSentOutcome or ExchangeFailedOutcome { Failure.Error: CallError.AnswerBroken };

    private static CallError? ErrorOf(ExchangeOutcome outcome) => (outcome as ExchangeFailedOutcome)?.Failure.Error;

    private void Release(bool keep, CallError? error, bool stillborn = false)
    {
        if (Interlocked.Exchange(ref _released, 1) != 0)
            return;
        // Waits for one that is just telling of its end: from here on, what ends calls here may be another call's.
        _clientLeft.Dispose();
        _runnerStopped.Dispose();
        if (keep)
            _container.GiveBack(_cancel);
        else
            _cancel.Dispose();
        _call.Timeline.Mark(CallPhase.Ended);
        // Before the container can have another call.
        _container.Log.Span = null;
        _error = error;
        _pool.Release(_container, keep, stillborn);
        EndOnce();
    }

    private void EndOnce()
    {
        if (Interlocked.Increment(ref _ends) != 2)
            return;
        Telemetry?.Measure(_call, _error, _time);
        Trace?.End(_error);
        _active.Leave();
    }
}
