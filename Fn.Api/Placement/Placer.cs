using System.Globalization;
using Fn.Api.Runners;
using Fn.Runner;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Api.Placement;

/// <summary>
/// Finds the runner that takes a call. Where there is a choice, all are asked to take it now, the function's favourite first; if none does, the call
/// queues at the best one that has no room. Runners that drain or cannot be reached are left alone for a while, unless nothing else is left.
/// </summary>
internal sealed class Placer(RunnerSet set, IOptions<CallOptions> options, TimeProvider time)
{
    private static readonly TimeSpan DrainingPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UnreachablePause = TimeSpan.FromSeconds(1);

    /// <summary>Offers the call until a runner takes it. Never returns a <see cref="RefusedOutcome"/>.</summary>
    public async ValueTask<OfferOutcome> PlaceAsync(CallOffer offer, CancellationToken clientLeft)
    {
        var since = time.GetTimestamp();
        var runners = set.Runners;
        if (runners.Count == 1)
            return await OfferWaitAsync(runners[0], offer, since, clientLeft) ?? NobodyTakesIt();
        var (askable, avoided) = Divide(RunnerRanking.Rank(offer.Function.FunctionId, runners));
        var full = new List<RunnerEntry>(askable.Count);
        foreach (var entry in askable)
        {
            var outcome = await OfferAsync(entry, offer, null, clientLeft);
            if (outcome is not RefusedOutcome refused)
                return outcome;
            if (refused.Reason == NotPlacedReason.Full)
                full.Add(entry);
        }
        // The best that is only full; then the next ones, should it begin to drain; then those that were not worth asking.
        foreach (var entry in full.Concat(avoided))
        {
            if (await OfferWaitAsync(entry, offer, since, clientLeft) is { } outcome)
                return outcome;
        }
        return NobodyTakesIt();
    }

    private static (List<RunnerEntry> Askable, List<RunnerEntry> Avoided) Divide(RunnerEntry[] ranked)
    {
        var (askable, avoided) = (new List<RunnerEntry>(ranked.Length), new List<RunnerEntry>());
        foreach (var entry in ranked)
            (entry.IsAvoided ? avoided : askable).Add(entry);
        return (askable, avoided);
    }

    private static FailedOutcome NobodyTakesIt() => new(new CallFailure(CallError.NoRunner));

    /// <summary>Offers the call with what is left of its time to wait. Null: refused.</summary>
    private async ValueTask<OfferOutcome?> OfferWaitAsync(RunnerEntry entry, CallOffer offer, long since, CancellationToken clientLeft)
    {
        var limit = options.Value.QueueTimeout;
        var left = limit - time.GetElapsedTime(since);
        if (left <= TimeSpan.Zero)
        {
            var setting = string.Create(CultureInfo.InvariantCulture, $"{CallOptions.Section}:{nameof(CallOptions.QueueTimeout)}={limit.TotalSeconds}s");
            return new FailedOutcome(new CallFailure(CallError.QueueTimedOut) { Limit = setting });
        }
        var outcome = await OfferAsync(entry, offer, left, clientLeft);
        return outcome is RefusedOutcome ? null : outcome;
    }

    private static async ValueTask<OfferOutcome> OfferAsync(RunnerEntry entry, CallOffer offer, TimeSpan? wait, CancellationToken clientLeft)
    {
        if (clientLeft.IsCancellationRequested)
            return new FailedOutcome(new CallFailure(CallError.ClientLeft));
        offer.Wait = wait;
        offer.Timeline.Mark(CallPhase.Placed);
        var outcome = await entry.Runner.OfferAsync(offer, clientLeft);
        switch (outcome)
        {
            case RefusedOutcome { Reason: NotPlacedReason.Draining }:
                entry.Avoid(DrainingPause);
                break;
            case RefusedOutcome { Reason: NotPlacedReason.Unreachable }:
                entry.Avoid(UnreachablePause);
                break;
            case RefusedOutcome:
                break;
            default:
                offer.Timeline.RunnerId ??= entry.Runner.Name;
                break;
        }
        return outcome;
    }
}
