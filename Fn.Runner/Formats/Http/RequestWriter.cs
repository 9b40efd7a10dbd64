using System.Net;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Formats.Http;

/// <summary>Writes a call as an HTTP request.</summary>
internal static class RequestWriter
{
    public const string CallIdHeader = "Fn-Call-Id";
    public const string DeadlineHeader = "Fn-Deadline";

    // The client keeps a connection pool for each host: one name for all, whatever host the caller asked for. Nothing is looked up.
    private const string Origin = "http://localhost";

    // As it was sent: no dot segments resolved, nothing unescaped.
    private static readonly UriCreationOptions AsSent = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public static HttpRequestMessage Create(HttpMethod method, string target, string host, HttpContent content)
    {
        var message = new HttpRequestMessage(method, new Uri(Origin + target, AsSent))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        message.Headers.TryAddWithoutValidation("Host", host);
        return message;
    }

    /// <summary>Copies the client's headers, less those of one connection and those that the platform sets itself.</summary>
    public static void AddClientHeaders(HttpRequestMessage message, CallOffer call, Func<string, bool> isPlatforms)
    {
        // The run span becomes the function's parent; it is itself a child of what the client sent.
        var run = call.Span;
        foreach (var (name, value) in call.Headers)
        {
            if (!HopHeaders.Contains(name, value) && !isPlatforms(name) && !IsClients(name) && !(run is not null && TraceContextText.IsHeader(name)))
                Add(message, name, value);
        }
        if (run is null)
            return;
        Add(message, TraceContextText.TraceParent, run.Id!);
        if (run.TraceStateString is { Length: > 0 } state)
            Add(message, TraceContextText.TraceState, state);
    }

    public static void Add(HttpRequestMessage message, string name, string value)
    {
        if (!message.Headers.TryAddWithoutValidation(name, value))
            message.Content!.Headers.TryAddWithoutValidation(name, value);
    }

    /// <summary>Splits a URL into host and request target, without changing either beyond what may stand in a request line.</summary>
    public static (string Host, string Target) Split(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        var host = scheme < 0 ? 0 : scheme + 3;
        var path = url.AsSpan(host).IndexOfAny('/', '?');
        var authority = path < 0 ? url[host..] : url.Substring(host, path);
        var target = path < 0 ? "/" : url[(host + path)..];
        if (target[0] != '/')
            target = "/" + target;
        return (authority.Length == 0 ? "localhost" : authority, Printable(target));
    }

    // Framing and the host belong to the request that is written here, and an expectation was met by whoever read the client's request.
    private static bool IsClients(string name) =>
        name.Equals("Host", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Expect", StringComparison.OrdinalIgnoreCase);

    private static string Printable(string target)
    {
        if (!target.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return target;
        var escaped = new System.Text.StringBuilder(target.Length + 16);
        foreach (var rune in target.EnumerateRunes())
            escaped.Append(rune.Value is >= '!' and <= '~' ? rune.ToString() : Uri.EscapeDataString(rune.ToString()));
        return escaped.ToString();
    }
}
