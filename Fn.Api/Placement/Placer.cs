using System.Runtime.CompilerServices;
using System.Diagnostics;
using System.Globalization;
using Fn.Api.Telemetry;
using Fn.Runner;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Api.Placement;

/// <summary>
/// Finds the runner that takes a call. Those that <see cref="PlacementPolicy"/> chooses are asked to take it now, one after the other; if none does, the call
/// queues where the wait is the shortest. Runners that drain or cannot be reached are left alone for a while, unless nothing else is left.
/// </summary>
internal sealed class Placer(ClusterView view, IOptions<CallOptions> options, TimeProvider time, GatewayTelemetry? telemetry = null)
{
    private static readonly TimeSpan DrainingPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UnreachablePause = TimeSpan.FromSeconds(1);

    /// <summary>How much longer than its own limits a call with a container may take before its runner is given up.</summary>
    private static readonly TimeSpan HotGrace = TimeSpan.FromSeconds(15);

    /// <summary>Likewise for a call whose image may have to be pulled.</summary>
    private static readonly TimeSpan ColdGrace = TimeSpan.FromMinutes(15);

    /// <summary>How long a call waits for a runner to join when there is none.</summary>
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(10);

    /// <summary>Offers the call until a runner takes it. The outcome is never a <see cref="RefusedOutcome"/>. Whoever calls this releases what it gets.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Placement> PlaceAsync(CallOffer offer, CancellationToken clientLeft)
    {
        var search = new Search(time.GetTimestamp(), telemetry.BeginPlace());
        while (true)
        {
            var joined = view.Joined;
            if (await TryPlaceAsync(offer, search, clientLeft) is { } placement)
                return placement;
            // During a restart of everything, the next runner is about to be there.
            if (!await MayRetryAsync(joined, search.Since, clientLeft))
                return Failed(search, new CallFailure(clientLeft.IsCancellationRequested ? CallError.ClientLeft : CallError.NoRunner));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Placement?> TryPlaceAsync(CallOffer offer, Search search, CancellationToken clientLeft)
    {
        var chooser = new PlacementChooser(view, offer.Function);
        // With one runner there is nothing to choose.
        while (view.Runners.Length > 1 && chooser.ChooseNow() is { } claim)
        {
            if (await OfferAsync(claim, chooser, offer, search, null, clientLeft) is { } placement)
                return placement;
        }
        while (chooser.ChooseQueue() is { } claim)
        {
            var limit = options.Value.QueueTimeout;
            var left = limit - time.GetElapsedTime(search.Since);
            if (left <= TimeSpan.Zero)
            {
                claim.Release(ran: false, refused: true);
                var setting = string.Create(CultureInfo.InvariantCulture, $"{CallOptions.Section}:{nameof(CallOptions.QueueTimeout)}={limit.TotalSeconds}s");
                return Failed(search, new CallFailure(CallError.QueueTimedOut) { Limit = setting });
            }
            if (await OfferAsync(claim, chooser, offer, search, left, clientLeft) is { } placement)
                return placement;
        }
        return null;
    }

    /// <summary>Offers the call to one runner. Null: it was refused, and the claim is given back.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Placement?> OfferAsync(
        PlacementClaim claim, PlacementChooser chooser, CallOffer offer, Search search, TimeSpan? wait, CancellationToken clientLeft)
    {
        offer.Timeline.Mark(CallPhase.Placed);
        chooser.Attempts++;
        var span = telemetry.BeginOffer(offer, claim);
        OfferOutcome outcome;
        try
        {
            outcome = clientLeft.IsCancellationRequested
                ? new FailedOutcome(new CallFailure(CallError.ClientLeft))
                : await OfferAsync(claim, offer, wait, clientLeft);
        }
        catch
        {
            // A bug, which costs this call; it must not count as one that runs there for ever.
            claim.Release(ran: false);
            throw;
        }
        switch (outcome)
        {
            case RefusedOutcome refused:
                claim.Release(ran: false, refused: true);
                telemetry.Refused(span, refused.Reason);
                chooser.Refused(claim.Runner, refused.Reason, queueing: wait is not null);
                if (refused.Reason != NotPlacedReason.Full)
                    claim.Runner.Avoid(refused.Reason == NotPlacedReason.Draining ? DrainingPause : UnreachablePause);
                return null;
            case FailedOutcome { Failure.Error: CallError.RunnerLost }:
                claim.Runner.Avoid(UnreachablePause);
                break;
        }
        offer.Timeline.RunnerId ??= claim.Runner.Runner.Name;
        telemetry.Placed(search.Span, span, offer.Timeline, claim, chooser.Attempts);
        if (outcome is AnsweredOutcome)
            return new Placement(outcome, claim, span, telemetry);
        claim.Release(ran: false);
        return new Placement(outcome, offer: span, telemetry: telemetry);
    }

    private ValueTask<OfferOutcome> OfferAsync(PlacementClaim claim, CallOffer offer, TimeSpan? wait, CancellationToken clientLeft)
    {
        offer.Wait = wait;
        offer.GiveUpAfter = options.Value.QueueTimeout + offer.Function.Timeout + (claim.IsHot ? HotGrace : ColdGrace);
        return claim.Runner.Runner.OfferAsync(offer, clientLeft);
    }

    private async ValueTask<bool> MayRetryAsync(Task joined, long since, CancellationToken clientLeft)
    {
        var left = JoinPatience - time.GetElapsedTime(since);
        if (!view.MayGrow || left <= TimeSpan.Zero)
            return false;
        try
        {
            await joined.WaitAsync(left, time, clientLeft);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private Placement Failed(Search search, CallFailure failure)
    {
        telemetry.NotPlaced(search.Span, failure.Error);
        return new Placement(new FailedOutcome(failure));
    }

    /// <summary>The search for a runner: since when, and its span, if it is traced.</summary>
    private readonly record struct Search(long Since, Activity? Span);
}
