using System.Text;

namespace Fn.Runner.Formats.Http;

/// <summary>
/// Reads the heads of HTTP/1.1 answers, line by line as they come. Takes what the framework's client takes, less what it takes only to be lenient: a field
/// that is folded over lines, a name with a blank before its colon, and a length or coding that can be read in two ways.
/// </summary>
internal sealed class AnswerHeadReader
{
    private const int StatusLine = 12;

    private int _scanned;
    private int _status;
    private AnswerFields _fields = new();

    private static ReadOnlySpan<byte> Start => "HTTP/1."u8;

    /// <summary>How many bytes the lines are that were read.</summary>
    public int Used { get; private set; }

    /// <summary>Begins another head.</summary>
    public void Begin()
    {
        (_scanned, _status, Used) = (0, 0, 0);
        _fields = new AnswerFields();
    }

    /// <summary>Reads what has come.</summary>
    /// <param name="bytes">From the head's first byte on: what was given before, and more.</param>
    /// <returns>Null: there is more to come.</returns>
    public HeadOutcome? Read(ReadOnlySpan<byte> bytes)
    {
        // Said at once: the end of the line may never come.
        var start = Math.Min(bytes.Length, Start.Length);
        if (Used == 0 && !bytes[..start].SequenceEqual(Start[..start]))
            return HeadOutcome.Invalid($"malformed HTTP response \"{Quote(bytes)}\"");
        while (TryTakeLine(bytes, out var line))
        {
            if (_status == 0)
            {
                if (StatusOf(line) is not { } status)
                    return HeadOutcome.Invalid($"malformed HTTP status line \"{Quote(line)}\"");
                _status = status;
            }
            else if (line.IsEmpty)
                return new HeadOutcome(_fields.ToHead(_status), null);
            else if (_fields.Add(line) is { } wrong)
                return HeadOutcome.Invalid(wrong);
        }
        return null;
    }

    /// <summary>Text of a function's for a message: its first line, printable, cut.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        const int MaxQuoted = 64;
        var line = bytes.IndexOfAny((byte)'\r', (byte)'\n') is var end and >= 0 ? bytes[..end] : bytes;
        var text = Encoding.Latin1.GetString(line[..Math.Min(line.Length, MaxQuoted)]);
        return string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
    }

    /// <summary>Takes a line without its end, which may lack the carriage return.</summary>
    private bool TryTakeLine(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> line)
    {
        var length = bytes[_scanned..].IndexOf((byte)'\n');
        if (length < 0)
        {
            _scanned = bytes.Length;
            line = default;
            return false;
        }
        var end = _scanned + length;
        line = bytes[Used..(end > Used && bytes[end - 1] == '\r' ? end - 1 : end)];
        Used = _scanned = end + 1;
        return true;
    }

    private static int? StatusOf(ReadOnlySpan<byte> line)
    {
        if (line.Length < StatusLine || !char.IsAsciiDigit((char)line[7]) || line[8] != ' ' || (line.Length > StatusLine && line[StatusLine] != ' '))
            return null;
        // What a splitter of lines elsewhere might take for two.
        if (line[StatusLine..].ContainsAny((byte)'\r', (byte)'\0'))
            return null;
        var digits = line[9..StatusLine];
        if (digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return null;
        var status = ((digits[0] - '0') * 100) + ((digits[1] - '0') * 10) + digits[2] - '0';
        return status < StatusCodes.Status100Continue ? null : status;
    }
}
