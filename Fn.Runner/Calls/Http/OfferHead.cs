using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;
using Fn.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Primitives;

namespace Fn.Runner.Calls.Http;

/// <summary>What a gateway says of a call before its body.</summary>
internal sealed class OfferHead
{
    private const int CallIdLength = 26;
    private static readonly SearchValues<char> IdChars = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    public required string CallId { get; init; }

    public required string Revision { get; init; }

    public required string Method { get; init; }

    public required string Url { get; init; }

    public required TimeSpan? Wait { get; init; }

    public required bool Detached { get; init; }

    /// <summary>Announced length of a body that is streamed.</summary>
    public required long? StreamedLength { get; init; }

    public required IReadOnlyList<Header> Headers { get; init; }

    /// <summary>The gateway's span; the default: none, or none that is well-formed.</summary>
    public required ActivityContext Parent { get; init; }

    /// <summary>Reads the head; null, and what is wrong with it, when it is none.</summary>
    public static OfferHead? Read(HttpRequest request, out string? problem)
    {
        problem = null;
        var callId = request.Path.Value![RunnerWire.CallsPath.Length..];
        if (callId.Length != CallIdLength || callId.AsSpan().ContainsAnyExcept(IdChars))
            return Malformed("The call id is not of 26 digits and capital letters.", out problem);
        if (Single(request, RunnerWire.OfferRevision) is not { } revision)
            return Malformed($"{RunnerWire.OfferRevision} is missing or repeated.", out problem);
        if (Single(request, RunnerWire.OfferMethod) is not { } method || !HeaderRules.IsName(method))
            return Malformed($"{RunnerWire.OfferMethod} is missing, repeated or no method.", out problem);
        if (Single(request, RunnerWire.OfferUrl) is not { } url)
            return Malformed($"{RunnerWire.OfferUrl} is missing or repeated.", out problem);
        if (!TryReadWait(Single(request, RunnerWire.OfferWait), out var wait))
            return Malformed($"{RunnerWire.OfferWait} is neither '{RunnerWire.Now}' nor milliseconds up to a day.", out problem);
        if (!TryReadLength(request, out var length))
            return Malformed($"{RunnerWire.OfferLength} is no length.", out problem);
        if (!TryReadHeaders(request, out var headers))
            return Malformed($"{RunnerWire.OfferLine} lines are not numbered from 1 or are no header lines.", out problem);
        return new OfferHead
        {
            CallId = callId,
            Revision = revision,
            Method = method,
            Url = url,
            Wait = wait,
            Detached = Single(request, RunnerWire.OfferDetached) == "1",
            StreamedLength = length,
            Headers = headers,
            Parent = TraceContextText.Parse(Single(request, RunnerWire.OfferTraceParent), Single(request, RunnerWire.OfferTraceState)),
        };
    }

    private static OfferHead? Malformed(string text, out string? problem)
    {
        problem = text;
        return null;
    }

    private static string? Single(HttpRequest request, string name) =>
        request.Headers.TryGetValue(name, out var values) && values.Count == 1 && !string.IsNullOrEmpty(values[0]) ? values[0] : null;

    private static bool TryReadWait(string? text, out TimeSpan? wait)
    {
        wait = null;
        if (text == RunnerWire.Now)
            return true;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) || milliseconds > LongestWait.TotalMilliseconds)
            return false;
        wait = TimeSpan.FromMilliseconds(milliseconds);
        return true;
    }

    private static bool TryReadLength(HttpRequest request, out long? length)
    {
        length = null;
        if (!request.Headers.ContainsKey(RunnerWire.OfferLength))
            return true;
        if (!long.TryParse(Single(request, RunnerWire.OfferLength), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return false;
        length = value;
        return true;
    }

    private static bool TryReadHeaders(HttpRequest request, out List<Header> headers)
    {
        headers = new List<Header>(request.Headers.Count);
        var repeated = 0;
        foreach (var (name, values) in request.Headers)
        {
            if (RunnerWire.IsReserved(name))
                repeated += name.StartsWith(RunnerWire.OfferLine, StringComparison.OrdinalIgnoreCase) ? 1 : 0;
            else if (!OwnedByTheHop(name))
                AddLines(headers, name, values);
        }
        for (var number = 1; number <= repeated; number++)
        {
            var line = Single(request, RunnerWire.OfferLine + number.ToString(CultureInfo.InvariantCulture));
            var colon = line?.IndexOf(':', StringComparison.Ordinal) ?? -1;
            if (colon <= 0)
                return false;
            headers.Add(new Header(line![..colon], line[(colon + 1)..]));
        }
        return true;
    }

    private static void AddLines(List<Header> headers, string name, StringValues values)
    {
        foreach (var value in values)
        {
            if (value is not null && !HopHeaders.Contains(name, value))
                headers.Add(new Header(name, value));
        }
    }

    private static bool OwnedByTheHop(string name) =>
        name.Equals("Host", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Expect", StringComparison.OrdinalIgnoreCase);
}
