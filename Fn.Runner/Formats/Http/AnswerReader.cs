using System.Net.Http.Headers;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Runner.Formats.Http;

/// <summary>Makes an outcome of what the HTTP client read or threw.</summary>
internal static class AnswerReader
{
    private const string ContentLength = "Content-Length";
    private const int MaxDetail = 256;

    /// <summary>Decides how the end of the body is known; null when the function contradicts itself.</summary>
    public static AnswerFrame? FrameOf(HttpResponseMessage response)
    {
        if (response.StatusCode is System.Net.HttpStatusCode.NoContent or System.Net.HttpStatusCode.NotModified)
            return new AnswerFrame(0, IsDelimited: true);
        if (response.Headers.TransferEncodingChunked == true)
            return new AnswerFrame(null, IsDelimited: true);
        if (!response.Content.Headers.NonValidated.TryGetValues(ContentLength, out var lengths))
            return new AnswerFrame(null, IsDelimited: false);
        // The client takes what it cannot read, or is told twice, for not said; the body would then last until the function ends.
        return lengths.Count == 1 && response.Content.Headers.ContentLength is { } length ? new AnswerFrame(length, IsDelimited: true) : null;
    }

    public static List<Header> HeadersOf(HttpResponseMessage response)
    {
        var headers = new List<Header>();
        Add(response.Headers.NonValidated, headers);
        Add(response.Content.Headers.NonValidated, headers);
        return headers;
    }

    /// <summary>What the client's exception says of a function that has seen the call.</summary>
    public static CallFailure FailureOf(Exception e) => (e as HttpRequestException)?.HttpRequestError switch
    {
        HttpRequestError.ConfigurationLimitExceeded => new CallFailure(CallError.AnswerHeadersTooLarge),
        HttpRequestError.InvalidResponse => InvalidResponse(e.InnerException is HttpIOException inner ? inner.Message : e.Message),
        _ => new CallFailure(CallError.AnswerBroken),
    };

    public static CallFailure InvalidResponse(string detail) =>
        new(CallError.InvalidHttpResponse) { Detail = detail.Length <= MaxDetail ? detail : string.Concat(detail.AsSpan(0, MaxDetail), "…") };

    private static void Add(HttpHeadersNonValidated from, List<Header> to)
    {
        foreach (var (name, values) in from)
        {
            if (name.Equals(ContentLength, StringComparison.OrdinalIgnoreCase))
                continue;
            foreach (var value in values)
            {
                if (!HopHeaders.Contains(name, value))
                    to.Add(new Header(name, value));
            }
        }
    }
}
