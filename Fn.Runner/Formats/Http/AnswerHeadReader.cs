namespace Fn.Runner.Formats.Http;

/// <summary>
/// Reads the heads of HTTP/1.1 answers, line by line as they come. Takes what the framework's client takes, less what it takes only to be lenient: a field
/// that is folded over lines, a name with a blank before its colon, and a length or coding that can be read in two ways.
/// </summary>
internal sealed class AnswerHeadReader
{
    private const int StatusLine = 12;

    private HeadLines _lines;
    private int _status;
    private AnswerFields _fields = new();

    private static ReadOnlySpan<byte> Start => "HTTP/1."u8;

    /// <summary>How many bytes the lines are that were read.</summary>
    public int Used => _lines.Used;

    /// <summary>Begins another head.</summary>
    public void Begin()
    {
        (_lines, _status, _fields) = (default, 0, new AnswerFields());
    }

    /// <summary>Reads what has come.</summary>
    /// <param name="bytes">From the head's first byte on: what was given before, and more.</param>
    /// <returns>Null: there is more to come.</returns>
    public HeadOutcome? Read(ReadOnlySpan<byte> bytes)
    {
        // Said at once: the end of the line may never come.
        var start = Math.Min(bytes.Length, Start.Length);
        if (Used == 0 && !bytes[..start].SequenceEqual(Start[..start]))
            return HeadOutcome.Invalid($"malformed HTTP response \"{FieldLine.Quote(bytes)}\"");
        while (_lines.TryTake(bytes, out var line))
        {
            if (_status == 0)
            {
                if (StatusOf(line) is not { } status)
                    return HeadOutcome.Invalid($"malformed HTTP status line \"{FieldLine.Quote(line)}\"");
                _status = status;
            }
            else if (line.IsEmpty)
                return new HeadOutcome(_fields.ToHead(_status), null);
            else if (_fields.Add(line) is { } wrong)
                return HeadOutcome.Invalid(wrong);
        }
        return null;
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
