using System.Diagnostics;

namespace Fn.ServiceDefaults.Contracts;

/// <summary>A call's head, as a gateway offers it to a runner, with access to its body. Belongs to one call; offered to one runner at a time.</summary>
public sealed class CallOffer
{
    /// <summary>The call's id, 26 characters (<see cref="FnId"/>).</summary>
    public required string CallId { get; init; }

    /// <summary>The function as it is to be run.</summary>
    public required FunctionSpec Function { get; init; }

    /// <summary>The client's method.</summary>
    public required string Method { get; init; }

    /// <summary>The URL the client asked for: scheme, host, path and query as sent.</summary>
    public required RequestUrl RequestUrl { get; init; }

    /// <summary>The client's headers without hop-by-hop headers, Host and Content-Length; one entry a line; Latin-1 values.</summary>
    public required IReadOnlyList<Header> Headers { get; init; }

    public required CallBody Body { get; init; }

    public required CallTimeline Timeline { get; init; }

    /// <summary>Run it without keeping the client: the outcome is <see cref="AcceptedOutcome"/> as soon as the call and its body are taken.</summary>
    public bool Detached { get; init; }

    /// <summary>
    /// Null: take the call only if a slot is free or the launch rule lines it up or starts for it now, else refuse (<see cref="NotPlacedReason.Full"/>).
    /// The refusal may come later, when a call that was lined up turns out to need a start for which there is no memory. Otherwise: queue it for up to this
    /// long.
    /// </summary>
    public TimeSpan? Wait { get; set; }

    /// <summary>
    /// After how long without an answer the runner is taken for dead: longer than all of its own limits together, so it fires only when those do not. Stays with
    /// the gateway. Null: never.
    /// </summary>
    public TimeSpan? GiveUpAfter { get; set; }

    /// <summary>The span the offer is made in: the parent of what the runner traces. The default: the gateway does not trace.</summary>
    public ActivityContext Parent { get; set; }

    /// <summary>The runner's span that what is done for the call belongs to: of the call, then of its run. Null: it is not traced.</summary>
    public Activity? Span { get; set; }

    /// <summary>The same call with its body here.</summary>
    public CallOffer WithBody(CallBody body) => new()
    {
        CallId = CallId,
        Function = Function,
        Method = Method,
        RequestUrl = RequestUrl,
        Headers = Headers,
        Body = body,
        Timeline = Timeline,
        Detached = Detached,
        Wait = Wait,
        Parent = Parent,
        Span = Span,
    };
}
