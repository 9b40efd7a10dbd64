using System.Buffers.Text;
using System.Text;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Runner.Formats.Http;

/// <summary>The fields of one answer's head: those that are passed on, and those that say how it is framed.</summary>
internal struct AnswerFields()
{
    // What nearly every function writes: not made anew for each answer.
    private static readonly string[] KnownNames =
        ["Content-Type", "Content-Length", "Date", "Connection", "Keep-Alive", "Transfer-Encoding", "Server", "Fn-Http-Status", "Fn-Fdk-Version", "Fn-Fdk-Runtime",
        RunnerWire.Outcome, RunnerWire.Timeline];

    private static readonly string[] KnownValues =
        ["application/json", "application/octet-stream", "text/plain", "text/plain; charset=utf-8", "application/json; charset=utf-8", "200", "keep-alive", "chunked", "timeout=5",
        RunnerWire.OutcomeAnswer];

    private readonly List<Header> _headers = new(4);
    private long? _length;
    private bool _chunked;
    private bool _closes;
    private TimeSpan? _keepAlive;

    /// <summary>Adds one line. Returns what is wrong with it; null: nothing.</summary>
    public string? Add(ReadOnlySpan<byte> line)
    {
        if (!FieldLine.TrySplit(line, out var written, out var value))
            return $"malformed MIME header line: {FieldLine.Quote(line)}";
        var name = Text(written, KnownNames);
        if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            return AddLength(value);
        var text = Text(value, KnownValues);
        if (!HopHeaders.Contains(name, text))
            _headers.Add(new Header(name, text));
        else if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            return AddCoding(text);
        else if (name.Equals("Connection", StringComparison.OrdinalIgnoreCase))
            _closes |= Has(text, "close");
        else if (name.Equals("Keep-Alive", StringComparison.OrdinalIgnoreCase))
            _keepAlive = KeepAlive(text);
        return null;
    }

    public readonly AnswerHead ToHead(int status) => new()
    {
        Status = status,
        Headers = _headers,
        Frame = status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified ? new AnswerFrame(0, IsDelimited: true)
            : _chunked ? new AnswerFrame(null, IsDelimited: true)
            : new AnswerFrame(_length, IsDelimited: _length is not null),
        Closes = _closes,
        KeepAlive = _keepAlive,
    };

    private string? AddLength(ReadOnlySpan<byte> value)
    {
        if (_length is not null || value.ContainsAnyExceptInRange((byte)'0', (byte)'9') || !Utf8Parser.TryParse(value, out long length, out _))
            return "bad Content-Length";
        _length = length;
        return null;
    }

    private string? AddCoding(string value)
    {
        if (_chunked || !value.Equals("chunked", StringComparison.OrdinalIgnoreCase))
            return $"unsupported transfer encoding \"{value}\"";
        _chunked = true;
        return null;
    }

    private static bool Has(string list, string word)
    {
        foreach (var part in list.AsSpan().Split(','))
        {
            if (list.AsSpan(part).Trim().Equals(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static TimeSpan? KeepAlive(string list)
    {
        const string Timeout = "timeout=";
        foreach (var part in list.AsSpan().Split(','))
        {
            var parameter = list.AsSpan(part).Trim();
            if (parameter.StartsWith(Timeout, StringComparison.OrdinalIgnoreCase) && int.TryParse(parameter[Timeout.Length..], out var seconds) && seconds >= 0)
                return TimeSpan.FromSeconds(seconds);
        }
        return null;
    }

    private static string Text(ReadOnlySpan<byte> bytes, string[] known)
    {
        foreach (var text in known)
        {
            if (text.Length == bytes.Length && Ascii.Equals(bytes, text))
                return text;
        }
        return Encoding.Latin1.GetString(bytes);
    }
}
