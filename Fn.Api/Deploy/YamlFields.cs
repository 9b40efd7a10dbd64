using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fn.Api.Deploy;

/// <summary>The fields of one mapping in a YAML text, each to be read as what it should be. What is not throws <see cref="YamlException"/> with its place.</summary>
internal sealed class YamlFields
{
    // As annotations are kept: answers escape what has to be escaped.
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly YamlMappingNode _node;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <param name="node">The mapping.</param>
    /// <param name="name">What it is, for the message when it is none.</param>
    public YamlFields(YamlNode node, string name) =>
        _node = node as YamlMappingNode ?? throw Wrong(node, $"{name} has to be fields with values (name: value)");

    public bool Has(string name) => Find(name) is not null;

    /// <summary>The line of what stands under these names and indices, or of what is around it as far as there is something.</summary>
    public long LineOf(IEnumerable<string> path)
    {
        YamlNode node = _node;
        foreach (var step in path)
        {
            var next = node switch
            {
                YamlMappingNode mapping when mapping.Children.TryGetValue(new YamlScalarNode(step), out var value) => value,
                YamlSequenceNode list => list.Children.ElementAtOrDefault(int.Parse(step, CultureInfo.InvariantCulture)),
                _ => null,
            };
            if (next is null)
                break;
            node = next;
        }
        return node.Start.Line;
    }

    public YamlException Wrong(string name, string problem) => Wrong(Find(name)!, $"{name} {problem}");

    public static YamlException Wrong(YamlNode node, string problem) => new(node.Start, node.End, problem);

    /// <summary>Null: not there, or empty.</summary>
    public string? Text(string name) => Find(name) switch
    {
        null => null,
        YamlScalarNode scalar => IsNull(scalar) ? null : scalar.Value,
        var node => throw Wrong(node, $"{name} has to be a text"),
    };

    public string Needed(string name) =>
        Text(name) is { Length: > 0 } text ? text : throw Wrong(_node, $"{name} is missing");

    /// <summary>0: not there.</summary>
    public int Integer(string name, int least, int most)
    {
        if (Text(name) is not { } text)
            return 0;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
            throw Wrong(name, $"is '{text}': allowed is a whole number from {least} to {most}");
        return number;
    }

    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        var text => throw Wrong(name, $"is '{text}': allowed are true and false"),
    };

    public Dictionary<string, string>? Texts(string name) => Map(name, (key, node) => node is YamlScalarNode scalar
        ? IsNull(scalar) ? "" : scalar.Value!
        : throw Wrong(node, $"{name}.{key} has to be a text"));

    /// <summary>Values as compact JSON text.</summary>
    public Dictionary<string, string>? JsonValues(string name) => Map(name, (_, node) => ToJson(node)?.ToJsonString(Compact) ?? "null");

    public YamlFields? Fields(string name) => Find(name) is { } node && !IsNull(node) ? new YamlFields(node, name) : null;

    public IEnumerable<YamlFields> Items(string name) => Find(name) switch
    {
        null => [],
        YamlSequenceNode list => list.Children.Select(item => new YamlFields(item, $"each of {name}")),
        var node when IsNull(node) => [],
        var node => throw Wrong(node, $"{name} has to be a list"),
    };

    /// <summary>Refuses fields that nobody has read.</summary>
    public void RefuseOthers(IReadOnlyCollection<string> known)
    {
        foreach (var (key, _) in _node.Children)
        {
            var name = Key(key);
            if (!_read.Contains(name) && !known.Contains(name))
                throw Wrong(key, $"unknown field '{name}'");
        }
    }

    private YamlNode? Find(string name)
    {
        _read.Add(name);
        return _node.Children.TryGetValue(new YamlScalarNode(name), out var node) ? node : null;
    }

    private Dictionary<string, string>? Map(string name, Func<string, YamlNode, string> read)
    {
        if (Fields(name) is not { } fields)
            return null;
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, node) in fields._node.Children)
        {
            var text = Key(key);
            map[text] = read(text, node);
        }
        return map;
    }

    private static string Key(YamlNode key) =>
        (key as YamlScalarNode)?.Value ?? throw Wrong(key, "a list or fields cannot be the name of a field");

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(child => KeyValuePair.Create(Key(child.Key), ToJson(child.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode scalar when IsNull(scalar) => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } scalar => JsonValue.Create(scalar.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when Number(scalar.Value!) is { } number => number,
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };

    // What is not in quotes is a number when it looks like one to JSON.
    private static JsonValue? Number(string text)
    {
        if (text is not [(>= '0' and <= '9') or '-', ..])
            return null;
        try
        {
            return JsonNode.Parse(text) is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };
}
