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
    // All of it in one method: a call waits in here for its answer, and each method more that waits is one more object a call.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Placement> PlaceAsync(CallOffer offer, CancellationToken clientLeft)
    {
        var search = new Search(time.GetTimestamp(), telemetry.BeginPlace());
        while (true)
        {
            var joined = view.Joined;
            var chooser = new PlacementChooser(view, offer.Function);
            while (chooser.Choose() is { } claim)
            {
                if (!MayWait(offer, chooser, search))
                {
                    claim.Release(ran: false, refused: true);
                    return Failed(search, QueueTimedOut());
                }
                var span = Begin(offer, claim, chooser);
                OfferOutcome outcome;
                try
                {
                    outcome = clientLeft.IsCancellationRequested
                        ? new FailedOutcome(new CallFailure(CallError.ClientLeft))
                        : await claim.Runner.Runner.OfferAsync(offer, clientLeft);
                }
                catch
                {
                    // A bug, which costs this call; it must not count as one that runs there for ever.
                    claim.Release(ran: false);
                    throw;
                }
                if (outcome is not RefusedOutcome refused)
                    return Taken(offer, outcome, claim, chooser, search, span);
                Refused(refused.Reason, claim, chooser, span);
            }
            // During a restart of everything, the next runner is about to be there.
            if (!await MayRetryAsync(joined, search.Since, clientLeft))
                return Failed(search, new CallFailure(clientLeft.IsCancellationRequested ? CallError.ClientLeft : CallError.NoRunner));
        }
    }

    /// <summary>Says for how long the call may wait where it is offered next. False: it has waited for as long as it may.</summary>
    private bool MayWait(CallOffer offer, PlacementChooser chooser, Search search)
    {
        offer.Wait = chooser.Queues ? options.Value.QueueTimeout - time.GetElapsedTime(search.Since) : null;
        return offer.Wait is not { } left || left > TimeSpan.Zero;
    }

    private CallFailure QueueTimedOut() => new(CallError.QueueTimedOut)
    {
        Limit = string.Create(CultureInfo.InvariantCulture, $"{CallOptions.Section}:{nameof(CallOptions.QueueTimeout)}={options.Value.QueueTimeout.TotalSeconds}s"),
    };

    private Activity? Begin(CallOffer offer, in PlacementClaim claim, PlacementChooser chooser)
    {
        offer.Timeline.Mark(CallPhase.Placed);
        offer.GiveUpAfter = options.Value.QueueTimeout + offer.Function.Timeout + (claim.IsHot ? HotGrace : ColdGrace);
        chooser.Attempts++;
        return telemetry.BeginOffer(offer, claim);
    }

    /// <summary>A runner did not take the call: its claim is given back.</summary>
    private void Refused(NotPlacedReason reason, in PlacementClaim claim, PlacementChooser chooser, Activity? span)
    {
        claim.Release(ran: false, refused: true);
        telemetry.Refused(span, reason);
        chooser.Refused(claim.Runner, reason);
        if (reason != NotPlacedReason.Full)
            claim.Runner.Avoid(reason == NotPlacedReason.Draining ? DrainingPause : UnreachablePause);
    }

    private Placement Taken(CallOffer offer, OfferOutcome outcome, in PlacementClaim claim, PlacementChooser chooser, Search search, Activity? span)
    {
        if (outcome is FailedOutcome { Failure.Error: CallError.RunnerLost })
            claim.Runner.Avoid(UnreachablePause);
        offer.Timeline.RunnerId ??= claim.Runner.Runner.Name;
        telemetry.Placed(search.Span, span, offer.Timeline, claim, chooser.Attempts);
        if (outcome is AnsweredOutcome)
            return new Placement(outcome, claim, span, telemetry);
        claim.Release(ran: false);
        return new Placement(outcome, offer: span, telemetry: telemetry);
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
