using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fn.Api.Json;

/// <summary>
/// Writes JSON as Go's encoder does: no white space, non-ASCII as it is, and only <c>" \ &lt; &gt; &amp;</c>, controls and U+2028/9 escaped, with
/// lower-case hex. Trusts its caller to write a well-formed value.
/// </summary>
internal sealed class JsonTextWriter
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\', '<', '>', '&', '\u2028', '\u2029']);

    private static readonly SearchValues<char> EscapedInRaw = SearchValues.Create('<', '>', '&', '\u2028', '\u2029');

    private readonly PieceWriter _text = new();
    private bool _needsComma;

    /// <summary>What was written so far, UTF-8.</summary>
    public ReadOnlySequence<byte> Written => _text.Written;

    public override string ToString() => Encoding.UTF8.GetString(Written);

    public void StartObject() => Start('{');

    public void EndObject() => End('}');

    public void StartArray() => Start('[');

    public void EndArray() => End(']');

    public void Name(string name)
    {
        BeginValue();
        Quote(name);
        Put(":");
        _needsComma = false;
    }

    public void String(string value)
    {
        BeginValue();
        Quote(value);
    }

    public void Null()
    {
        BeginValue();
        Put("null");
    }

    /// <summary>A value that is JSON text already.</summary>
    public void Raw(string json)
    {
        BeginValue();
        PutEscaping(json, EscapedInRaw);
    }

    public void Field(string name, string value)
    {
        Name(name);
        String(value);
    }

    public void Field(string name, long value)
    {
        Name(name);
        BeginValue();
        Put(value.ToString(CultureInfo.InvariantCulture));
    }

    public void Field(string name, DateTimeOffset value) => Field(name, Timestamp.Format(value));

    private void Start(char bracket)
    {
        BeginValue();
        Put([bracket]);
        _needsComma = false;
    }

    private void End(char bracket)
    {
        Put([bracket]);
        _needsComma = true;
    }

    private void BeginValue()
    {
        if (_needsComma)
            Put(",");
        _needsComma = true;
    }

    private void Quote(string text)
    {
        Put("\"");
        PutEscaping(text, Escaped);
        Put("\"");
    }

    private void PutEscaping(ReadOnlySpan<char> text, SearchValues<char> escaped)
    {
        for (var at = text.IndexOfAny(escaped); at >= 0; at = text.IndexOfAny(escaped))
        {
            Put(text[..at]);
            Put(Escape(text[at]));
            text = text[(at + 1)..];
        }
        Put(text);
    }

    private static string Escape(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => @"\\",
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        _ => string.Create(CultureInfo.InvariantCulture, $@"\u{(int)c:x4}"),
    };

    private void Put(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, _text);
}
