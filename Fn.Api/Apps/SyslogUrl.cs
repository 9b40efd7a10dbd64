namespace Fn.Api.Apps;

/// <summary>Checks where an app's log goes. The texts are those of Go's URL parser, which clients have seen so far.</summary>
internal static class SyslogUrl
{
    private const string InvalidScheme = "invalid scheme, only [tcp, udp, unix, unixgram, tcp+tls] are supported";

    /// <summary>What is wrong with a URL; null when nothing is.</summary>
    public static string? FindProblem(string url)
    {
        var text = url.Trim();
        if (text.AsSpan().IndexOfAnyInRange('\0', '\x1f') >= 0 || text.Contains('\x7f'))
            return $"parse \"{text}\": net/url: invalid control character in URL";
        if (text.StartsWith(':'))
            return $"parse \"{text}\": missing protocol scheme";
        var scheme = ReadScheme(text);
        if (scheme.Length == 0)
        {
            var segment = text.AsSpan(0, text.AsSpan().IndexOfAny('/', '?', '#') is var end && end >= 0 ? end : text.Length);
            return segment.Contains(':') ? $"parse \"{text}\": first path segment in URL cannot contain colon" : InvalidScheme;
        }
        if (FindBadPort(text[(scheme.Length + 1)..]) is { } port)
            return $"parse \"{text}\": invalid port \"{port}\" after host";
        return scheme.ToLowerInvariant() is "tcp" or "udp" or "unix" or "unixgram" or "tcp+tls" ? null : InvalidScheme;
    }

    private static string ReadScheme(string url)
    {
        for (var i = 0; i < url.Length; i++)
        {
            if (url[i] == ':')
                return url[..i];
            if (!char.IsAsciiLetter(url[i]) && (i == 0 || (!char.IsAsciiDigit(url[i]) && url[i] is not ('+' or '-' or '.'))))
                break;
        }
        return "";
    }

    private static string? FindBadPort(string afterScheme)
    {
        if (!afterScheme.StartsWith("//", StringComparison.Ordinal))
            return null;
        var end = afterScheme.AsSpan(2).IndexOfAny('/', '?', '#');
        var host = end < 0 ? afterScheme[2..] : afterScheme[2..(end + 2)];
        var colon = host.LastIndexOf(':');
        if (colon < 0 || host.EndsWith(']'))
            return null;
        return host.AsSpan(colon + 1).ContainsAnyExceptInRange('0', '9') ? host[colon..] : null;
    }
}
