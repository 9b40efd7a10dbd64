using System.Buffers.Text;
using System.Text;
using Fn.Runner.Formats.Http;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls.Offers;

/// <summary>
/// Reads the heads of whole offers, one after another, line by line as they come. Not everything that is HTTP: what a gateway writes for an offer whose body comes
/// with it (docs/wire.md).
/// </summary>
internal sealed class OfferReader
{
    private const string End = " HTTP/1.1";

    // More lines, and longer ones, are not kept from one offer to the next.
    private const int MostKept = 64;
    private const int LongestKept = 256;

    private readonly List<Header> _kept = new(16);
    private HeadLines _lines;
    private int _line;
    private OfferFields _fields;
    private long? _length;

    private static ReadOnlySpan<byte> Start => "POST /runner/v1/calls/"u8;

    private static ReadOnlySpan<byte> Announcement => " HTTP/1.1\r\nFn-Offer-Whole: 1\r\n"u8;

    /// <summary>In how many bytes a connection announces that it is for whole offers, and nothing else.</summary>
    public static int AnnouncedIn { get; } = Start.Length + OfferFields.CallIdLength + Announcement.Length;

    /// <summary>Whether a connection with these first bytes is.</summary>
    public static bool IsAnnounced(ReadOnlySpan<byte> first) => first.StartsWith(Start) && first[^Announcement.Length..].SequenceEqual(Announcement);

    /// <summary>How many bytes the head has that was read.</summary>
    public int Used => _lines.Used;

    /// <summary>From the path.</summary>
    public string CallId { get; private set; } = "";

    /// <summary>The proof that it comes from the cluster.</summary>
    public string? Mac { get; private set; }

    /// <summary>The runner that this was made for.</summary>
    public string? MacRunner { get; private set; }

    /// <summary>Of the body, in bytes.</summary>
    public int Length => (int)(_length ?? 0);

    /// <summary>What is wrong with it, so that nothing that follows can be understood; null: nothing.</summary>
    public string? Problem { get; private set; }

    /// <summary>Begins another head.</summary>
    public void Begin()
    {
        (_lines, _line, _length, CallId, Mac, MacRunner, Problem) = (default, 0, null, "", null, null, null);
        _fields = new OfferFields(Math.Max(_kept.Count, 8));
    }

    /// <summary>Reads what has come. False: there is more to come; else it is there as a whole, or there is a <see cref="Problem"/>.</summary>
    /// <param name="bytes">From the head's first byte on: what was given before, and more.</param>
    public bool Read(ReadOnlySpan<byte> bytes)
    {
        while (_lines.TryTake(bytes, out var line))
        {
            if (line.IsEmpty && _line > 0)
            {
                if (_length is null)
                    Problem = "An offer has its body with it, and its length.";
                return true;
            }
            Problem = _line == 0 ? ReadStart(line) : Add(line);
            _line++;
            if (Problem is not null)
                return true;
        }
        return false;
    }

    /// <summary>What the gateway says of the call; null, and what is wrong with it, when it is no offer.</summary>
    public OfferHead? ToHead(out string? problem) => _fields.ToHead(CallId, out problem);

    private string? ReadStart(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith(Start) || !line.EndsWith("HTTP/1.1"u8) || line.Length < Start.Length + End.Length)
            return $"Here calls are offered, and nothing else: \"{FieldLine.Quote(line)}\".";
        CallId = Encoding.Latin1.GetString(line[Start.Length..^End.Length]);
        return null;
    }

    private string? Add(ReadOnlySpan<byte> line)
    {
        if (!FieldLine.TrySplit(line, out var name, out var value))
            return $"No header line: \"{FieldLine.Quote(line)}\".";
        var (known, text) = Keep(_line - 1, name, value);
        if (Is(known, "Content-Length"))
            return ReadLength(value);
        if (Is(known, "Transfer-Encoding"))
            return "An offer has its body with it, and its length.";
        if (Is(known, RunnerWire.Mac))
            Mac = text;
        else if (Is(known, RunnerWire.MacRunner))
            MacRunner = text;
        else
            _fields.Add(known, text);
        return null;
    }

    private string? ReadLength(ReadOnlySpan<byte> value)
    {
        if (_length is not null || value.ContainsAnyExceptInRange((byte)'0', (byte)'9') || !Utf8Parser.TryParse(value, out long length, out _))
            return "No Content-Length.";
        _length = length;
        return length <= CallBody.MaxBuffered ? null : $"A body of more than {CallBody.MaxBuffered} bytes is not offered as a whole.";
    }

    /// <summary>The line as text. What the offer before it had in the same place is nearly always the same, and not made anew.</summary>
    private Header Keep(int index, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var before = index < _kept.Count ? _kept[index] : default;
        var line = new Header(Same(name, before.Name) ?? Encoding.Latin1.GetString(name), Same(value, before.Value) ?? Encoding.Latin1.GetString(value));
        if (ReferenceEquals(line.Name, before.Name) && ReferenceEquals(line.Value, before.Value))
            return line;
        var kept = line.Name.Length + line.Value.Length <= LongestKept ? line : default;
        if (index < _kept.Count)
            _kept[index] = kept;
        else if (index == _kept.Count && index < MostKept)
            _kept.Add(kept);
        return line;
    }

    private static string? Same(ReadOnlySpan<byte> bytes, string? text) => text is not null && text.Length == bytes.Length && Ascii.Equals(bytes, text) ? text : null;

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
