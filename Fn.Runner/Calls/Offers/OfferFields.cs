using System.Buffers;
using System.Globalization;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Calls.Offers;

/// <summary>The header lines of one offer: the client's, and the platform's beside them (docs/wire.md).</summary>
internal struct OfferFields
{
    /// <summary>How many characters the id of a call has.</summary>
    public const int CallIdLength = 26;

    private static readonly SearchValues<char> IdChars = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly List<Header> _headers;
    private List<Header>? _numbered;
    private Field _revision;
    private Field _method;
    private Field _url;
    private Field _wait;
    private Field _detached;
    private Field _length;
    private Field _traceParent;
    private Field _traceState;

    /// <param name="lines">How many there will be, about.</param>
    public OfferFields(int lines) => _headers = new List<Header>(lines);

    public void Add(string name, string value)
    {
        if (!RunnerWire.IsReserved(name))
        {
            if (!OwnedByTheHop(name) && !HopHeaders.Contains(name, value))
                _headers.Add(new Header(name, value));
        }
        else if (Is(name, RunnerWire.OfferRevision))
            _revision.Add(value);
        else if (Is(name, RunnerWire.OfferMethod))
            _method.Add(value);
        else if (Is(name, RunnerWire.OfferUrl))
            _url.Add(value);
        else if (Is(name, RunnerWire.OfferWait))
            _wait.Add(value);
        else if (Is(name, RunnerWire.OfferDetached))
            _detached.Add(value);
        else if (Is(name, RunnerWire.OfferLength))
            _length.Add(value);
        else if (Is(name, RunnerWire.OfferTraceParent))
            _traceParent.Add(value);
        else if (Is(name, RunnerWire.OfferTraceState))
            _traceState.Add(value);
        else if (name.StartsWith(RunnerWire.OfferLine, StringComparison.OrdinalIgnoreCase))
            (_numbered ??= []).Add(new Header(name, value));
    }

    /// <summary>What they say; null, and what is wrong with it, when it is no offer.</summary>
    /// <param name="callId">From the path.</param>
    /// <param name="problem">For whoever wrote it.</param>
    public readonly OfferHead? ToHead(string callId, out string? problem)
    {
        problem = null;
        if (callId.Length != CallIdLength || callId.AsSpan().ContainsAnyExcept(IdChars))
            return Malformed("The call id is not of 26 digits and capital letters.", out problem);
        if (_revision.Single is not { } revision)
            return Malformed($"{RunnerWire.OfferRevision} is missing or repeated.", out problem);
        if (_method.Single is not { } method || !HeaderRules.IsName(method))
            return Malformed($"{RunnerWire.OfferMethod} is missing, repeated or no method.", out problem);
        if (_url.Single is not { } url)
            return Malformed($"{RunnerWire.OfferUrl} is missing or repeated.", out problem);
        if (!TryReadWait(_wait.Single, out var wait))
            return Malformed($"{RunnerWire.OfferWait} is neither '{RunnerWire.Now}' nor milliseconds up to a day.", out problem);
        if (!TryReadLength(out var length))
            return Malformed($"{RunnerWire.OfferLength} is no length.", out problem);
        if (!TryAddNumbered())
            return Malformed($"{RunnerWire.OfferLine} lines are not numbered from 1 or are no header lines.", out problem);
        return new OfferHead
        {
            CallId = callId,
            Revision = revision,
            Method = method,
            Url = url,
            Wait = wait,
            Detached = _detached.Single == "1",
            StreamedLength = length,
            Headers = _headers,
            Parent = TraceContextText.Parse(_traceParent.Single, _traceState.Single),
        };
    }

    private static OfferHead? Malformed(string text, out string? problem)
    {
        problem = text;
        return null;
    }

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

    private readonly bool TryReadLength(out long? length)
    {
        length = null;
        if (!_length.IsThere)
            return true;
        if (!long.TryParse(_length.Single, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return false;
        length = value;
        return true;
    }

    /// <summary>Adds the lines that travelled under a number, in the order of their numbers.</summary>
    private readonly bool TryAddNumbered()
    {
        if (_numbered is not { } numbered)
            return true;
        var lines = new string?[numbered.Count];
        foreach (var (name, line) in numbered)
        {
            if (!int.TryParse(name.AsSpan(RunnerWire.OfferLine.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number < 1 || number > lines.Length || lines[number - 1] is not null)
                return false;
            lines[number - 1] = line;
        }
        foreach (var line in lines)
        {
            var colon = line!.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                return false;
            _headers.Add(new Header(line[..colon], line[(colon + 1)..]));
        }
        return true;
    }

    private static bool OwnedByTheHop(string name) => Is(name, "Host") || Is(name, "Content-Length") || Is(name, "Expect");

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    /// <summary>A line that means something only if it is there once.</summary>
    private struct Field
    {
        private string? _value;
        private bool _repeated;

        public readonly bool IsThere => _value is not null;

        /// <summary>Its value; null when it is missing, repeated or empty.</summary>
        public readonly string? Single => _repeated || string.IsNullOrEmpty(_value) ? null : _value;

        public void Add(string value)
        {
            _repeated |= IsThere;
            _value = value;
        }
    }
}
