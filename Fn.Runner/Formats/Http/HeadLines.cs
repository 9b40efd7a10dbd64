namespace Fn.Runner.Formats.Http;

/// <summary>Takes the lines of a message's head one after another, as they come.</summary>
internal struct HeadLines
{
    private int _scanned;

    /// <summary>How many bytes the lines are that were taken.</summary>
    public int Used { get; private set; }

    /// <summary>Takes a line without its end, which may lack the carriage return; false: there is more of it to come.</summary>
    /// <param name="bytes">From the head's first byte on: what was given before, and more.</param>
    /// <param name="line">The line.</param>
    public bool TryTake(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> line)
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
}
