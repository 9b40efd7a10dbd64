using System.Globalization;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Formats.Http;

/// <summary>Writes a call as the head of an HTTP request.</summary>
internal static class RequestWriter
{
    public const string CallIdHeader = "Fn-Call-Id";
    public const string DeadlineHeader = "Fn-Deadline";

    public static void AddStart(MessageBuffer to, string method, string target, string host)
    {
        to.Append(method);
        to.Append(" "u8);
        to.Append(target);
        to.Append(" HTTP/1.1\r\nHost: "u8);
        to.Append(host);
        to.Append("\r\n"u8);
    }

    /// <summary>Copies the client's headers, less those of one connection and those that the platform sets itself.</summary>
    public static void AddClientHeaders(MessageBuffer to, CallOffer call, Func<string, bool> isPlatforms)
    {
        // The run span becomes the function's parent; it is itself a child of what the client sent.
        var run = call.Span;
        for (var i = 0; i < call.Headers.Count; i++)
        {
            var (name, value) = call.Headers[i];
            if (!HopHeaders.Contains(name, value) && !isPlatforms(name) && !IsClients(name) && !(run is not null && TraceContextText.IsHeader(name)))
                to.AppendField(name, value);
        }
        if (run is null)
            return;
        to.AppendField(TraceContextText.TraceParent, run.Id!);
        if (run.TraceStateString is { Length: > 0 } state)
            to.AppendField(TraceContextText.TraceState, state);
    }

    public static void AddDeadline(MessageBuffer to, string name, DateTimeOffset deadline)
    {
        to.Append(name);
        to.Append(": "u8);
        // As PlatformEnvironment.Deadline.
        deadline.UtcDateTime.TryFormat(to.Reserve(32), out var written, "s", CultureInfo.InvariantCulture);
        to.Advance(written);
        to.Append("Z\r\n"u8);
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
        return (authority.Length == 0 ? "localhost" : Printable(authority), Printable(target));
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
