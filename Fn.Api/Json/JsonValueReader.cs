using System.Text.Json;

namespace Fn.Api.Json;

/// <summary>
/// Reads values by the rules of Go's encoding/json, which clients rely on: null leaves a field as it was, a number is only taken for a number field,
/// integers have neither fraction nor exponent, text that is no UTF-8 is repaired. Everything else throws <see cref="JsonException"/>.
/// </summary>
internal ref struct JsonValueReader
{
    /// <summary>Go's limit of nesting.</summary>
    public static readonly JsonReaderOptions Options = new() { MaxDepth = 10_000 };

    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;
    private int _fieldDepth;

    public JsonValueReader(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, Options);
        if (!_reader.Read())
            throw new JsonException();
    }

    private readonly bool IsNull => _reader.TokenType == JsonTokenType.Null;

    /// <summary>Goes into the object at hand; false when it is null.</summary>
    public bool EnterObject()
    {
        if (IsNull)
            return false;
        Expect(JsonTokenType.StartObject);
        _fieldDepth = _reader.CurrentDepth + 1;
        return true;
    }

    /// <summary>Moves to the next field's value, past whatever is left of the one before; false at the object's end.</summary>
    public bool NextField(out string name)
    {
        // A value nobody wanted is still ahead: skip what is inside it.
        if (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && _reader.CurrentDepth == _fieldDepth)
            _reader.Skip();
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.EndObject)
        {
            name = "";
            return false;
        }
        name = Text();
        _reader.Read();
        return true;
    }

    /// <param name="current">What null leaves in place.</param>
    public string? ReadString(string? current)
    {
        if (IsNull)
            return current;
        Expect(JsonTokenType.String);
        return Text();
    }

    /// <param name="current">What null leaves in place.</param>
    public int ReadInt32(int current)
    {
        if (IsNull)
            return current;
        Expect(JsonTokenType.Number);
        return _reader.TryGetInt32(out var value) ? value : throw new JsonException();
    }

    /// <param name="current">What null leaves in place.</param>
    public ulong ReadUInt64(ulong current)
    {
        if (IsNull)
            return current;
        Expect(JsonTokenType.Number);
        return _reader.TryGetUInt64(out var value) ? value : throw new JsonException();
    }

    /// <summary>An instant; null for the zero time, which clients send for "not given".</summary>
    /// <param name="current">What null leaves in place.</param>
    public DateTimeOffset? ReadTime(DateTimeOffset? current)
    {
        if (IsNull)
            return current;
        Expect(JsonTokenType.String);
        return Timestamp.TryParse(Text(), out var value) ? value : throw new JsonException();
    }

    /// <summary>A map of strings, its entries added to <paramref name="current"/>; null gives null. A null value counts as the empty string.</summary>
    public Dictionary<string, string>? ReadStrings(Dictionary<string, string>? current)
    {
        var depth = _fieldDepth;
        if (!EnterObject())
            return null;
        var map = current ?? new Dictionary<string, string>(StringComparer.Ordinal);
        while (NextField(out var key))
            map[key] = ReadString("")!;
        _fieldDepth = depth;
        return map;
    }

    /// <summary>A map of any JSON values, each as compact text, its entries added to <paramref name="current"/>; null gives null.</summary>
    public Dictionary<string, string>? ReadValues(Dictionary<string, string>? current)
    {
        var depth = _fieldDepth;
        if (!EnterObject())
            return null;
        var map = current ?? new Dictionary<string, string>(StringComparer.Ordinal);
        while (NextField(out var key))
            map[key] = ReadRaw();
        _fieldDepth = depth;
        return map;
    }

    private string ReadRaw()
    {
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        return JsonText.Compact(_json[start..(int)_reader.BytesConsumed]);
    }

    private string Text()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return JsonText.Repair(_reader.ValueSpan);
        }
    }

    private readonly void Expect(JsonTokenType type)
    {
        if (_reader.TokenType != type)
            throw new JsonException();
    }
}
