using System.Diagnostics;
using Fn.Api.Placement;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Api.Telemetry;

/// <summary>What a gateway's spans and metrics say of a call's placement: one span for finding the runner, one for each offer to one.</summary>
internal static class PlacementTrace
{
    /// <summary>Begins the search for a runner; null: it is not traced.</summary>
    public static Activity? BeginPlace(this GatewayTelemetry? telemetry) =>
        telemetry is not null && telemetry.Source.HasListeners() && Activity.Current is { IsAllDataRequested: true } call
            ? telemetry.Source.StartAside("place call", ActivityKind.Internal, call.Context, new WallClock(telemetry.Time).At(telemetry.Time.GetTimestamp()))
            : null;

    /// <summary>Begins an offer, and tells the runner of what it is a part; null: it is not traced.</summary>
    public static Activity? BeginOffer(this GatewayTelemetry? telemetry, CallOffer offer, in PlacementClaim claim)
    {
        if (telemetry is null || !telemetry.Source.HasListeners() || Activity.Current is not { } call)
            return null;
        var span = telemetry.Source.StartAside("offer call", ActivityKind.Client, call.Context, new WallClock(telemetry.Time).At(offer.Timeline[CallPhase.Placed]));
        // Unsampled, there is none, and the runner is told so by the flags of the call's own.
        offer.Parent = (span ?? call).Context;
        if (span is not { IsAllDataRequested: true })
            return span;
        span.SetTag(FaasTags.InvokedName, FunctionNames.Full(offer.Function));
        span.SetTag(FaasTags.InvokedProvider, FaasTags.Provider);
        span.SetTag(FaasTags.InvocationId, offer.CallId);
        span.SetTag(FaasTags.RunnerId, claim.Runner.Runner.Name);
        span.SetTag(FaasTags.PlacementReason, claim.Why.Name());
        return span;
    }

    /// <summary>A runner did not take the call.</summary>
    public static void Refused(this GatewayTelemetry? telemetry, Activity? offer, NotPlacedReason reason)
    {
        var name = RunnerWire.ToWire(reason) ?? "unreachable";
        if (telemetry?.Attempts.Enabled == true)
            telemetry.Attempts.Add(1, new KeyValuePair<string, object?>(FaasTags.PlacementOutcome, name));
        if (offer is null)
            return;
        offer.SetTag(FaasTags.NotPlaced, name);
        offer.SetTag(FaasTags.ErrorType, name);
        offer.SetStatus(ActivityStatusCode.Error, "not placed");
        var clock = new WallClock(telemetry!.Time);
        offer.StopAt(clock.At(clock.Timestamp));
    }

    /// <summary>A runner took the call: finding it is over, since the offer that it took.</summary>
    public static void Placed(this GatewayTelemetry? telemetry, Activity? place, Activity? offer, CallTimeline timeline, in PlacementClaim claim, int attempts)
    {
        // Of one in the configuration only the address was known before it answered.
        if (offer?.IsAllDataRequested == true)
            offer.SetTag(FaasTags.RunnerId, timeline.RunnerId);
        telemetry?.CountPlaced();
        if (place is null)
            return;
        place.SetTag(FaasTags.PlacementAttempts, attempts);
        place.SetTag(FaasTags.PlacementReason, claim.Why.Name());
        place.SetTag(FaasTags.RunnerId, timeline.RunnerId);
        place.StopAt(new WallClock(telemetry!.Time).At(timeline[CallPhase.Placed]));
    }

    /// <summary>No runner took the call.</summary>
    public static void NotPlaced(this GatewayTelemetry? telemetry, Activity? place, CallError error)
    {
        if (place is null)
            return;
        place.Fail(SpanExtensions.NameOf(error));
        var clock = new WallClock(telemetry!.Time);
        place.StopAt(clock.At(clock.Timestamp));
    }

    /// <summary>The offered call is over.</summary>
    public static void EndOffer(this GatewayTelemetry? telemetry, Activity? offer, OfferOutcome outcome)
    {
        if (offer is null)
            return;
        if (outcome is FailedOutcome failed)
            offer.Fail(SpanExtensions.NameOf(failed.Failure.Error));
        var clock = new WallClock(telemetry!.Time);
        offer.StopAt(clock.At(clock.Timestamp));
    }
}
