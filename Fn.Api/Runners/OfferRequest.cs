using System.Globalization;
using System.Net;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Api.Runners;

/// <summary>Writes an offer as a request (docs/wire.md).</summary>
internal static class OfferRequest
{
    // The path of a call has nothing in it that would have to be escaped.
    private static readonly UriCreationOptions AsIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <param name="root">Of the runner: scheme, host and port.</param>
    /// <param name="offer">The call.</param>
    /// <param name="exchange">Is told of its body.</param>
    public static HttpRequestMessage Create(string root, CallOffer offer, OfferExchange exchange)
    {
        // Always with a content object: a request without one is sent again by the client when its connection ends too early.
        HttpContent content = offer.Body.IsBuffered ? new ReadOnlyMemoryContent(offer.Body.Buffered) : new StreamedBodyContent(offer.Body, exchange);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(root + RunnerWire.CallsPath + offer.CallId, AsIs))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        AddClientHeaders(request, offer.Headers);
        var headers = request.Headers;
        Add(headers, RunnerWire.OfferRevision, offer.Function.Revision);
        Add(headers, RunnerWire.OfferMethod, offer.Method);
        Add(headers, RunnerWire.OfferUrl, offer.RequestUrl.ToString());
        Add(headers, RunnerWire.OfferWait, offer.Wait is { } wait ? ((long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) : RunnerWire.Now);
        if (offer.Detached)
            Add(headers, RunnerWire.OfferDetached, "1");
        if (TraceContextText.IsSet(offer.Parent))
        {
            Add(headers, RunnerWire.OfferTraceParent, TraceContextText.Format(offer.Parent));
            if (offer.Parent.TraceState is { Length: > 0 } state)
                Add(headers, RunnerWire.OfferTraceState, state);
        }
        if (!offer.Body.IsBuffered)
        {
            headers.ExpectContinue = true;
            // Not as Content-Length: the client would then insist on sending every byte, even after the runner has answered.
            if (offer.Body.Length is { } length)
                Add(headers, RunnerWire.OfferLength, length.ToString(CultureInfo.InvariantCulture));
        }
        return request;
    }

    private static void AddClientHeaders(HttpRequestMessage request, IReadOnlyList<Header> headers)
    {
        var repeated = 0;
        for (var i = 0; i < headers.Count; i++)
        {
            var (name, value) = headers[i];
            if (!MayPass(name, value))
                continue;
            if (!IsRepeated(request, name))
                Add(request, name, value);
            else
                Add(request.Headers, RunnerWire.OfferLine + (++repeated).ToString(CultureInfo.InvariantCulture), name + ":" + value);
        }
    }

    private static bool IsRepeated(HttpRequestMessage request, string name) =>
        request.Headers.NonValidated.Contains(name) || request.Content!.Headers.NonValidated.Contains(name);

    private static void Add(HttpRequestMessage request, string name, string value)
    {
        if (!request.Headers.TryAddWithoutValidation(name, value))
            request.Content!.Headers.TryAddWithoutValidation(name, value);
    }

    private static void Add(System.Net.Http.Headers.HttpRequestHeaders headers, string name, string value) => headers.TryAddWithoutValidation(name, value);

    private static bool MayPass(string name, string value) =>
        !RunnerWire.IsReserved(name)
        && !HopHeaders.Contains(name, value)
        && !name.Equals("Expect", StringComparison.OrdinalIgnoreCase)
        && !name.Equals("Host", StringComparison.OrdinalIgnoreCase)
        && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        && HeaderRules.IsName(name)
        && HeaderRules.IsValue(value);
}
