using System.Globalization;

namespace Fn.ServiceDefaults.Contracts;

/// <summary>The names that gateway and runner use on the wire, and how a failure is written (docs/wire.md). Never renamed; new ones are added.</summary>
public static class RunnerWire
{
    public const string CallsPath = "/runner/v1/calls/";
    public const string RevisionsPath = "/runner/v1/revisions/";
    public const string StatusPath = "/runner/v1/status";
    public const string DrainPath = "/runner/v1/drain";
    public const string EvictPath = "/runner/v1/evict";
    public const string LogsPath = "/runner/v1/logs/";
    public const string WarmPath = "/runner/v1/warm/";

    /// <summary>Proof that a request comes from the cluster, bound to runner, method and path (<see cref="Cluster.ClusterKey.SignRequest"/>).</summary>
    public const string Mac = "Fn-Offer-Mac";

    /// <summary>The runner that <see cref="Mac"/> was made for.</summary>
    public const string MacRunner = "Fn-Offer-Mac-Runner";

    /// <summary>With status 401: the runner's id.</summary>
    public const string RunnerId = "Fn-Runner-Id";

    /// <summary>Prefix of everything the platform adds to a call's head.</summary>
    public const string OfferPrefix = "Fn-Offer-";

    /// <summary>
    /// Value 1, in the first line after the request's first one: this connection is for offers whose body comes with them, and nothing else. With a connection's
    /// first offer.
    /// </summary>
    public const string OfferWhole = "Fn-Offer-Whole";

    public const string OfferRevision = "Fn-Offer-Revision";
    public const string OfferMethod = "Fn-Offer-Method";
    public const string OfferUrl = "Fn-Offer-Url";
    public const string OfferWait = "Fn-Offer-Wait";
    public const string OfferDetached = "Fn-Offer-Detached";

    /// <summary>Length in bytes of a body that is streamed although its length is known.</summary>
    public const string OfferLength = "Fn-Offer-Length";

    /// <summary>W3C trace context of the gateway's span; the client's own travels among the call's headers.</summary>
    public const string OfferTraceParent = "Fn-Offer-Traceparent";
    public const string OfferTraceState = "Fn-Offer-Tracestate";

    /// <summary>Prefix of the second and further lines of a repeated header: HTTP clients join such lines, functions may tell them apart.</summary>
    public const string OfferLine = "Fn-Offer-Line-";

    /// <summary>Value of <see cref="OfferWait"/> for a call that is not to be queued.</summary>
    public const string Now = "now";

    public const string NotPlaced = "Fn-Not-Placed";
    public const string Outcome = "Fn-Outcome";
    public const string OutcomeAnswer = "answer";
    public const string OutcomeAccepted = "accepted";
    public const string OutcomeFailed = "failed";
    public const string Timeline = "Fn-Timeline";

    /// <summary>The function's own <c>Date</c>; that of the hop is the server's.</summary>
    public const string FunctionDate = "Fn-Function-Date";

    public const string Error = "Fn-Error";
    public const string ErrorDetail = "Fn-Error-Detail";
    public const string ErrorStatus = "Fn-Error-Status";
    public const string ErrorRetry = "Fn-Error-Retry";
    public const string ErrorLimit = "Fn-Error-Limit";

    private const int MaxDetail = 4096;

    /// <summary>Whether a header is the platform's own on this hop. Such lines are never taken from a client nor from a function.</summary>
    public static bool IsReserved(string name) =>
        name.StartsWith("Fn-", StringComparison.OrdinalIgnoreCase)
        && (name.StartsWith(OfferPrefix, StringComparison.OrdinalIgnoreCase)
            || name.StartsWith(Error, StringComparison.OrdinalIgnoreCase) && (name.Length == Error.Length || name[Error.Length] == '-')
            || name.Equals(Outcome, StringComparison.OrdinalIgnoreCase)
            || name.Equals(NotPlaced, StringComparison.OrdinalIgnoreCase)
            || name.Equals(RunnerId, StringComparison.OrdinalIgnoreCase)
            || name.Equals(Timeline, StringComparison.OrdinalIgnoreCase)
            || name.Equals(FunctionDate, StringComparison.OrdinalIgnoreCase));

    /// <summary>The value of <see cref="NotPlaced"/>; null for a reason that never travels.</summary>
    public static string? ToWire(NotPlacedReason reason) => reason switch
    {
        NotPlacedReason.Full => "full",
        NotPlacedReason.Draining => "draining",
        NotPlacedReason.UnknownRevision => "unknown-revision",
        _ => null,
    };

    /// <summary>The reason behind a value of <see cref="NotPlaced"/>. One that a newer runner may have added counts as full: offer it elsewhere.</summary>
    public static NotPlacedReason ToReason(string wire) => wire switch
    {
        "draining" => NotPlacedReason.Draining,
        "unknown-revision" => NotPlacedReason.UnknownRevision,
        _ => NotPlacedReason.Full,
    };

    /// <summary>A failure as header lines.</summary>
    public static IEnumerable<Header> LinesOf(CallFailure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return Lines();

        IEnumerable<Header> Lines()
        {
            yield return new Header(Error, failure.Error.ToString());
            if (failure.Detail is { } detail)
                yield return new Header(ErrorDetail, Escape(detail));
            if (failure.Status is { } status)
                yield return new Header(ErrorStatus, status.ToString(CultureInfo.InvariantCulture));
            if (failure.RetryAfter is { } retry)
                yield return new Header(ErrorRetry, ((long)retry.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
            if (failure.Limit is { } limit)
                yield return new Header(ErrorLimit, Escape(limit));
        }
    }

    /// <summary>Reads a failure back. An error that a newer runner may have added is <see cref="CallError.Internal"/>, with its name as detail.</summary>
    /// <param name="header">Gives a header's value, or null.</param>
    public static CallFailure ReadFailure(Func<string, string?> header)
    {
        var name = header(Error);
        if (!Enum.TryParse<CallError>(name, out var error) || !Enum.IsDefined(error))
            return new CallFailure(CallError.Internal) { Detail = name };
        return new CallFailure(error)
        {
            Detail = header(ErrorDetail) is { } detail ? Uri.UnescapeDataString(detail) : null,
            Status = int.TryParse(header(ErrorStatus), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : null,
            RetryAfter = int.TryParse(header(ErrorRetry), NumberStyles.None, CultureInfo.InvariantCulture, out var retry) ? TimeSpan.FromMilliseconds(retry) : null,
            Limit = header(ErrorLimit) is { } limit ? Uri.UnescapeDataString(limit) : null,
        };
    }

    // A detail is an engine's or a parser's text: any length, any character.
    private static string Escape(string text) => Uri.EscapeDataString(text.Length <= MaxDetail ? text : text[..MaxDetail]);
}
