using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls.Offers;

/// <summary>Takes offers that came over the wire, whichever way they came.</summary>
internal sealed partial class CallIntake(IRunner runner, IRunnerStatusSource status, RevisionCache revisions, TimeProvider time, ILogger<CallIntake> logger)
{
    /// <summary>Whether the runner has begun to stop. Asked for when an answer is written: it may have while the call waited.</summary>
    public bool Draining => status.Draining;

    /// <summary>Begins an offer's time.</summary>
    public CallTimeline Begin() => new(time);

    /// <summary>Is cancelled when so much time has passed.</summary>
    public CancellationTokenSource Limit(TimeSpan after) => new(after, time);

    /// <summary>The function that is called; null when its spec is not known here.</summary>
    public FunctionSpec? FunctionOf(OfferHead head) => revisions.Find(head.Revision);

    /// <summary>Offers the call to the runner. What is thrown is to be told to <see cref="Threw"/>.</summary>
    public ValueTask<OfferOutcome> OfferAsync(CallOffer offer, CancellationToken gatewayLeft) => runner.OfferAsync(offer, gatewayLeft);

    /// <summary>A bug in the engine: it costs this call only, and reaches the gateway as what it is.</summary>
    public OfferOutcome Threw(CallOffer offer, Exception e)
    {
        Log.OfferThrew(logger, offer.CallId, e);
        return new FailedOutcome(new CallFailure(CallError.Internal));
    }

    /// <summary>A bug that has cost a connection, and the call on it.</summary>
    public void Broke(Exception e) => Log.ConnectionBroke(logger, e);

    public static CallOffer OfferOf(OfferHead head, FunctionSpec function, CallBody body, CallTimeline timeline) => new()
    {
        CallId = head.CallId,
        Function = function,
        Method = head.Method,
        RequestUrl = head.Url,
        Headers = head.Headers,
        Body = body,
        Timeline = timeline,
        Detached = head.Detached,
        Wait = head.Wait,
        Parent = head.Parent,
    };

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Error, "Call {CallId}: the engine failed")]
        public static partial void OfferThrew(ILogger logger, string callId, Exception exception);

        [LoggerMessage(2032, LogLevel.Error, "A connection of a gateway's was broken off by a bug")]
        public static partial void ConnectionBroke(ILogger logger, Exception exception);
    }
}
