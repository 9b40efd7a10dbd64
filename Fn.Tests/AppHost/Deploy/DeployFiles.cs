using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fn.AppHost;
using YamlDotNet.RepresentationModel;

namespace Fn.Tests.AppHost.Deploy;

/// <summary>The files under deploy/ and azure.yaml, as data. Scalars are strings.</summary>
internal static partial class DeployFiles
{
    public static string Root { get; } = AppHostFolder.Root;

    public static string Folder => Path.Combine(Root, "deploy");

    /// <summary>Every YAML file, by its path from the top of the working copy.</summary>
    public static IEnumerable<string> Yaml() =>
        Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories).Append(Path.Combine(Root, "azure.yaml")).Select(path => Path.GetRelativePath(Root, path));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static IReadOnlyList<JsonNode> Documents(string path)
    {
        using var reader = new StringReader(Text(path));
        var stream = new YamlStream();
        stream.Load(reader);
        return [.. stream.Documents.Select(document => ToJson(document.RootNode)!)];
    }

    /// <summary>The one document of a kind among the manifests of a folder.</summary>
    public static JsonNode Manifest(string kind, string name, string folder = "kubernetes") =>
        Manifests(folder).Single(manifest => Value(manifest["kind"]) == kind && Value(manifest["metadata"]!["name"]) == name);

    public static IEnumerable<JsonNode> Manifests(string folder = "kubernetes") =>
        Directory.EnumerateFiles(Path.Combine(Folder, folder), "*.yaml").SelectMany(path => Documents(Path.GetRelativePath(Root, path)))
            .Where(manifest => Value(manifest["kind"]) != "Kustomization");

    public static string Value(JsonNode? node) => node?.GetValue<string>() ?? "";

    /// <summary>All settings that a text gives a service, written as in the configuration.</summary>
    public static IEnumerable<string> Settings(string text) =>
        Setting().Matches(text).Select(match => Index().Replace(match.Value.Replace("__", ":", StringComparison.Ordinal), ""));

    /// <summary>The names that a file of variables asks for.</summary>
    public static IEnumerable<string> Variables(string path) => Variable().Matches(Text(path)).Select(match => match.Groups[1].Value);

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, ToJson(pair.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(ToJson)]),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new NotSupportedException(node.GetType().Name),
    };

    [GeneratedRegex(@"\b(Fn|ConnectionStrings)__\w+")]
    private static partial Regex Setting();

    [GeneratedRegex(@":\d+$")]
    private static partial Regex Index();

    [GeneratedRegex("^([A-Z_]+)=", RegexOptions.Multiline)]
    private static partial Regex Variable();
}
