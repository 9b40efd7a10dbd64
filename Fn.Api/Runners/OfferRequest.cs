using System.Globalization;
using System.Net;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Runners;

/// <summary>Writes an offer whose body is streamed as a request (docs/wire.md).</summary>
internal static class OfferRequest
{
    // The path of a call has nothing in it that would have to be escaped.
    private static readonly UriCreationOptions AsIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <param name="root">Of the runner: scheme, host and port.</param>
    /// <param name="offer">The call.</param>
    /// <param name="exchange">Is told of its body.</param>
    public static HttpRequestMessage Create(string root, CallOffer offer, OfferExchange exchange)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(root + RunnerWire.CallsPath + offer.CallId, AsIs))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StreamedBodyContent(offer.Body, exchange),
        };
        var headers = request.Headers;
        foreach (var (name, value) in OfferLines.Of(offer))
        {
            if (!headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }
        headers.ExpectContinue = true;
        // Not as Content-Length: the client would then insist on sending every byte, even after the runner has answered.
        if (offer.Body.Length is { } length)
            headers.TryAddWithoutValidation(RunnerWire.OfferLength, length.ToString(CultureInfo.InvariantCulture));
        return request;
    }
}
