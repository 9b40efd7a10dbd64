using System.Runtime.CompilerServices;
using Fn.Runner.Containers;
using Fn.Runner.Slots;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls;

/// <summary>
/// One call on one slot, from the moment it holds the slot until it gives it back, once, on every path. Keeps apart why an exchange was ended: the
/// function's timeout, a client that left, or a runner that stops.
/// </summary>
#pragma warning disable CA1001 // Its end is the release of the slot, which disposes what it owns.
internal sealed class CallRun
#pragma warning restore CA1001
{
    private readonly SlotPool _pool;
    private readonly HotContainer _container;
    private readonly CallOffer _call;
    private readonly TimeSpan _abandonedGrace;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _cancel;
    private CancellationTokenRegistration _clientLeft;
    private CancellationTokenRegistration _runnerStopped;
    private volatile bool _abandoned;
    private volatile bool _stopped;
    private int _released;

    public CallRun(SlotPool pool, HotContainer container, CallOffer call, TimeSpan abandonedGrace, TimeProvider time)
    {
        _pool = pool;
        _container = container;
        _call = call;
        _abandonedGrace = abandonedGrace;
        _time = time;
        _cancel = new CancellationTokenSource(call.Function.Timeout, time);
        Cancelled = _cancel.Token;
    }

    /// <summary>Called once, when the slot was given back; set before the answer is handed on.</summary>
    public Action? Ended { get; set; }

    /// <summary>What is told of the call; set before it is sent.</summary>
    public CallTrace? Trace { get; init; }

    /// <summary>Ends the exchange, also while its answer's body is read. To be looked at even when the slot was given back.</summary>
    public CancellationToken Cancelled { get; }

    /// <summary>True when the container was started for this call.</summary>
    public bool IsFirstOfContainer => _call.Timeline.Cold;

    /// <summary>Sends the call. On any outcome but an answer the slot has been given back.</summary>
    /// <param name="clientLeft">Nobody wants the answer any more.</param>
    /// <param name="runnerStopped">The runner ends its containers, whatever they do.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ExchangeOutcome> SendAsync(CancellationToken clientLeft, CancellationToken runnerStopped)
    {
        _clientLeft = clientLeft.UnsafeRegister(static run => ((CallRun)run!).OnClientLeft(), this);
        _runnerStopped = runnerStopped.UnsafeRegister(static run => ((CallRun)run!).OnRunnerStopped(), this);
        Trace?.BeginRun(_container, _call);
        var request = new ExchangeRequest { Call = _call, Deadline = _time.GetUtcNow() + _call.Function.Timeout };
        ExchangeOutcome outcome;
        try
        {
            outcome = await _container.Channel.SendAsync(request, Cancelled);
        }
        catch (OperationCanceledException) when (Cancelled.IsCancellationRequested)
        {
            outcome = new ExchangeFailedOutcome(WhyCancelled());
        }
        catch
        {
            Release(keep: false, CallError.Internal);
            throw;
        }
        _call.Timeline.Mark(CallPhase.Answered);
        if (outcome is NotSentOutcome)
            Trace?.NotSent();
        if (outcome is not ExchangeAnswer)
            Release(outcome is ExchangeFailedOutcome && _container.Channel.Reusable, ErrorOf(outcome), _container.Calls == 1 && HasEnded(outcome), over: outcome is not NotSentOutcome);
        return outcome;
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

    private void Release(bool keep, CallError? error, bool stillborn = false, bool over = true)
    {
        if (Interlocked.Exchange(ref _released, 1) != 0)
            return;
        _clientLeft.Unregister();
        _runnerStopped.Unregister();
        _cancel.Dispose();
        _call.Timeline.Mark(CallPhase.Ended);
        // Before the container can have another call.
        _container.Log.Span = null;
        if (over)
            Trace?.End(error);
        _pool.Release(_container, keep, stillborn);
        Ended?.Invoke();
    }
}
