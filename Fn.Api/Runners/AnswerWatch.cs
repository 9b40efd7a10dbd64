namespace Fn.Api.Runners;

/// <summary>
/// Follows the bytes that come back for one request and notices the first line of the final answer, past any interim ones (<c>100 Continue</c>).
/// </summary>
internal struct AnswerWatch
{
    // "HTTP/1.1 200": where the class of the status stands.
    private const int StatusClassAt = 9;

    private int _position;
    private int _newlines;
    private bool _interim;

    /// <summary>True once the final answer has begun.</summary>
    public bool FinalBegun { get; private set; }

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        foreach (var next in bytes)
        {
            if (FinalBegun)
                return;
            if (_interim)
                SkipInterim(next);
            else if (_position++ == StatusClassAt)
            {
                _interim = next == (byte)'1';
                FinalBegun = !_interim;
            }
        }
    }

    private void SkipInterim(byte next)
    {
        if (next == (byte)'\r')
            return;
        _newlines = next == (byte)'\n' ? _newlines + 1 : 0;
        if (_newlines < 2)
            return;
        _interim = false;
        _position = 0;
        _newlines = 0;
    }
}
