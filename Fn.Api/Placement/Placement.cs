using System.Diagnostics;
using Fn.Api.Telemetry;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Placement;

/// <summary>What became of a call, and the claim on its runner that it has until it is over.</summary>
/// <param name="outcome">What became of it.</param>
/// <param name="claim">Its claim.</param>
/// <param name="offer">The span of the offer that was taken; null: it is not traced.</param>
/// <param name="telemetry">Whom to tell of that span's end.</param>
internal readonly struct Placement(OfferOutcome outcome, PlacementClaim claim = default, Activity? offer = null, GatewayTelemetry? telemetry = null)
{
    public OfferOutcome Outcome => outcome;

    /// <summary>The call is over. To be called once.</summary>
    public void Release()
    {
        claim.Release(ran: outcome is AnsweredOutcome);
        telemetry.EndOffer(offer, outcome);
    }
}

/// <summary>A call's place on a runner, as the gateway's view counts it. The default is none.</summary>
internal readonly struct PlacementClaim(
    ClusterView view, RunnerView runner, PoolView? pool, PlacementWhy why, bool hot = false, IReadOnlyList<PoolView>? victims = null)
{
    public RunnerView Runner => runner;

    /// <summary>Why this runner.</summary>
    public PlacementWhy Why => why;

    /// <summary>Whether containers of the function were there when it was placed.</summary>
    public bool IsHot => hot;

    /// <param name="ran">Whether the call ran in a container that may serve others.</param>
    /// <param name="refused">Whether the runner did not even take it, so that nothing was evicted for it.</param>
    public void Release(bool ran, bool refused = false)
    {
        if (runner is null)
            return;
        foreach (var victim in victims ?? [])
        {
            victim.EndEviction(happened: !refused);
            view.Tidy(victim);
        }
        if (pool is not null)
        {
            pool.Leave(ran);
            view.Tidy(pool);
        }
        runner.EndUse();
    }
}
