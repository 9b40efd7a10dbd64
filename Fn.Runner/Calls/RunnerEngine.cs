using System.Runtime.CompilerServices;
using Fn.Runner.Containers;
using Fn.Runner.Identity;
using Fn.Runner.Resources;
using Fn.Runner.Slots;
using Fn.Runner.Telemetry;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Calls;

/// <summary>
/// The runner in this process: takes offered calls, gets each a slot, sends it to the slot's container and hands the answer back. The truth about the
/// runner's own slots.
/// </summary>
internal sealed partial class RunnerEngine(
    SlotPools pools,
    StartDispatcher dispatcher,
    MemoryLedger ledger,
    CallQueue queue,
    BackgroundWork background,
    RunnerIdentity identity,
    IOptions<CallOptions> options,
    TimeProvider time,
    ILogger<RunnerEngine> logger,
    PoolChanges? changes = null,
    RunnerTelemetry? telemetry = null) : IRunner, IRunnerControl, IRunnerStatusSource, IDisposable
{
    private readonly CallOptions _options = options.Value;
    private readonly ActiveCalls _active = new();
    private readonly CancellationTokenSource _stopped = new();
    private volatile bool _draining;

    public string Name => identity.Id;

    public bool Draining => _draining;

    /// <summary>Calls that were taken and are not over, waiting ones too.</summary>
    public int Calls => _active.Count;

    public ValueTask<OfferOutcome> OfferAsync(CallOffer offer, CancellationToken clientLeft)
    {
        if (offer.Function.MemoryBytes > ledger.Budget)
            return Failed(new CallFailure(CallError.MemoryAboveBudget) { Limit = $"memory budget={ledger.Budget}" });
        // Thread A offers while thread B begins to drain: counted before it looks, A is either refused or awaited.
        _active.Enter();
        if (_draining)
        {
            _active.Leave();
            return new ValueTask<OfferOutcome>(new RefusedOutcome(NotPlacedReason.Draining));
        }
        offer.Timeline.RunnerId = identity.Id;
        return offer.Detached ? AcceptAsync(offer, clientLeft) : RunAsync(offer, null, null, clientLeft);
    }

    /// <summary>Takes no more calls; those that wait are refused, so that they can go elsewhere. Completes when all that run, detached ones too, are over.</summary>
    public Task DrainAsync()
    {
        _draining = true;
        changes?.Ring();
        foreach (var pool in pools.All)
            pool.Drain();
        return _active.WhenNoneAsync();
    }

    Task IRunnerControl.DrainAsync(CancellationToken cancel)
    {
        // Not awaited: an operator wants to know that it has begun. Nothing in it fails.
        _ = DrainAsync();
        return Task.CompletedTask;
    }

    public Task<int> EvictIdleAsync(string? functionId, CancellationToken cancel) =>
        Task.FromResult(pools.All.Where(pool => functionId is null || pool.Function.FunctionId == functionId).Sum(pool => pool.StopIdle()));

    /// <summary>Ends every container, busy or not. Completes when they are gone.</summary>
    public async Task StopAsync()
    {
        _draining = true;
        foreach (var pool in pools.All)
            pool.Close();
        await _stopped.CancelAsync();
        await background.WhenIdleAsync();
    }

    public void Dispose() => _stopped.Dispose();

    public RunnerStatus GetStatus()
    {
        var rows = pools.All.Select(pool => pool.GetStatus()).ToList();
        return new RunnerStatus
        {
            RunnerId = identity.Id,
            Draining = _draining,
            MemoryBudget = ledger.Budget,
            MemoryReserved = ledger.Reserved,
            Starting = dispatcher.Starting,
            StartingPeak = dispatcher.StartingPeak,
            StartsQueued = dispatcher.Queued,
            Waiting = queue.Waiting,
            Running = rows.Sum(row => row.Busy),
            Pools = rows,
        };
    }

    /// <summary>Takes a detached call: once it is in the queue and its body is here, it runs on whatever becomes of the client.</summary>
    private async ValueTask<OfferOutcome> AcceptAsync(CallOffer offer, CancellationToken clientLeft)
    {
        var trace = CallTrace.Begin(telemetry, offer, time);
        // Ends the waiting if the body never gets here; from then on nothing does.
        using var abandon = new CancellationTokenSource();
        try
        {
            var asked = Ask(offer, abandon.Token);
            var slot = asked.Slot.AsTask();
            asked = asked with { Slot = new ValueTask<SlotGrant>(slot) };
            if (asked.Pool is null || (slot.IsCompleted && (await slot).Container is null))
                return await RunAsync(offer, asked, trace, CancellationToken.None);

            var (body, failure) = await BufferedBody.ReadAsync(offer.Body, _options.MaxDetachedBody, clientLeft);
            if (failure is not null)
            {
                await abandon.CancelAsync();
                if ((await slot).Container is { } unused)
                    asked.Pool.Return(unused);
                return Over(offer, trace, new FailedOutcome(failure));
            }
            var accepted = offer.WithBody(body!);
            // Should it have to ask again, it waits like any other: nobody is left who could offer it elsewhere.
            accepted.Wait ??= _options.QueueTimeout;
            background.Run(() => RunDetachedAsync(accepted, asked, trace));
            return new AcceptedOutcome();
        }
#pragma warning disable CA1031 // The last frame of the engine: a bug is answered as one and seen in the log.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Failed(e, offer, trace);
        }
    }

    private async Task RunDetachedAsync(CallOffer offer, Asked asked, CallTrace? trace)
    {
        trace?.Enter();
        var outcome = await RunAsync(offer, asked, trace, CancellationToken.None);
        var failure = outcome switch
        {
            AnsweredOutcome answered => await EngineAnswer.DropRestAsync(answered.Answer.Body),
            FailedOutcome failed => failed.Failure,
            _ => new CallFailure(CallError.NoRunner),
        };
        if (failure is not null)
            Log.DetachedFailed(logger, offer.CallId, offer.Function.FunctionId, failure.Error);
    }

    /// <summary>Asks the function's pool for a slot; a pool that went out of use meanwhile is looked up again.</summary>
    private Asked Ask(CallOffer offer, CancellationToken clientLeft)
    {
        while (true)
        {
            if (pools.Get(offer.Function, out var failure) is not { } pool)
                return new Asked(null, new ValueTask<SlotGrant>(SlotGrant.Fail(failure!)));
            if (pool.TryAcquire(offer, clientLeft, out var slot))
                return new Asked(pool, slot);
        }
    }

    /// <summary>
    /// Waits for the slot and sends the call. A container found dead before the first byte was written costs no call: the next slot is taken. On any outcome
    /// but an answer the call is over; with an answer it is when its slot is given back.
    /// </summary>
    /// <param name="offer">The call.</param>
    /// <param name="asked">The slot that was asked for already; null: none was.</param>
    /// <param name="trace">The call's trace, when a slot was asked for.</param>
    /// <param name="clientLeft">Nobody wants the answer any more.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<OfferOutcome> RunAsync(CallOffer offer, Asked? asked, CallTrace? trace, CancellationToken clientLeft)
    {
        try
        {
            if (asked is null)
                trace = CallTrace.Begin(telemetry, offer, time);
            while (true)
            {
                var (pool, slot) = asked ?? Ask(offer, clientLeft);
                var grant = await slot;
                if (grant.Container is not { } container)
                    return Over(offer, trace, grant.Refused is { } reason ? new RefusedOutcome(reason) : new FailedOutcome(grant.Failure!));

                var run = new CallRun(pool!, container, offer, _options.AbandonedGrace, time, _active) { Trace = trace, Telemetry = telemetry };
                ExchangeOutcome outcome;
                try
                {
                    outcome = run.Sent(await run.SendAsync(clientLeft, _stopped.Token));
                }
                catch (Exception e)
                {
                    if (run.Threw(e) is not { } cancelled)
                        throw;
                    outcome = run.Sent(cancelled);
                }
                if (outcome is ExchangeAnswer answer)
                    return new AnsweredOutcome(new EngineAnswer(answer, run, background));
                if (outcome is ExchangeFailedOutcome failed)
                    return Over(offer, trace, new FailedOutcome(failed.Failure));
                // A container that cannot even take its first call never came up.
                if (run.IsFirstOfContainer)
                    return Over(offer, trace, new FailedOutcome(new CallFailure(CallError.InitializationFailed)));
                Log.ContainerWasDead(logger, container.Id, offer.CallId);
                asked = null;
            }
        }
#pragma warning disable CA1031 // The last frame of the engine: a bug is answered as one and seen in the log.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Failed(e, offer, trace);
        }
    }

    private OfferOutcome Failed(Exception e, CallOffer offer, CallTrace? trace)
    {
        Log.CallThrew(logger, e, offer.CallId, offer.Function.FunctionId);
        return Over(offer, trace, new FailedOutcome(new CallFailure(CallError.Internal)));
    }

    /// <summary>The call is over without an answer.</summary>
    private OfferOutcome Over(CallOffer call, CallTrace? trace, OfferOutcome outcome)
    {
        _active.Leave();
        if (outcome is RefusedOutcome refused)
        {
            trace?.Refuse(refused.Reason);
            return outcome;
        }
        var error = (outcome as FailedOutcome)?.Failure.Error;
        telemetry?.Measure(call, error, time);
        trace?.End(error);
        return outcome;
    }

    /// <summary>A slot asked for, and the pool that will give it; no pool when nothing here can run the function.</summary>
    private readonly record struct Asked(SlotPool? Pool, ValueTask<SlotGrant> Slot);

    private static ValueTask<OfferOutcome> Failed(CallFailure failure) => new(new FailedOutcome(failure));

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Error, "Call {CallId} of function {FunctionId} failed unexpectedly")]
        public static partial void CallThrew(ILogger logger, Exception exception, string callId, string functionId);

        [LoggerMessage(2011, LogLevel.Information, "Container {ContainerId} had ended while idle; call {CallId} goes to another one")]
        public static partial void ContainerWasDead(ILogger logger, string containerId, string callId);

        [LoggerMessage(2012, LogLevel.Warning, "Detached call {CallId} of function {FunctionId} ended with {Error}")]
        public static partial void DetachedFailed(ILogger logger, string callId, string functionId, CallError error);
    }
}
