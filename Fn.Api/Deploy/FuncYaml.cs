using Fn.Api.Functions;
using Fn.Api.Triggers;
using Fn.ServiceDefaults.Contracts;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Fn.Api.Deploy;

/// <summary>
/// Reads a func.yaml: of schema_version 20180708, or one of the older forms without a version, whose <c>path</c> becomes a trigger. What only the building of
/// the image needs is known and left alone; any other field is an error, for a mistyped one would otherwise be a setting that is silently missing.
/// </summary>
internal static class FuncYaml
{
    private const int SchemaVersion = 20180708;

    private const int MaxDepth = 64;

    /// <summary>What the CLI needs to build an image, and what has no counterpart here.</summary>
    private static readonly HashSet<string> NotOurs =
    [
        "runtime", "build_image", "run_image", "cmd", "entrypoint", "content_type", "build", "signing_details", "tests", "headers", "cpus", "version", "name", "image", "type",
        "schema_version",
    ];

    public static DeploymentOutcome Read(string text)
    {
        try
        {
            return new DeploymentOutcome(Read(Root(text)), null);
        }
        catch (YamlException e)
        {
            return new DeploymentOutcome(null, $"line {e.Start.Line}: {(e.InnerException ?? e).Message}");
        }
    }

    private static YamlFields Root(string text)
    {
        RefuseWhatDoesHarm(new Parser(new StringReader(text)));
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents switch
        {
            [var document] => new YamlFields(document.RootNode, "func.yaml"),
            [] => throw new YamlException(new Mark(0, 1, 1), new Mark(0, 1, 1), "func.yaml is empty"),
            _ => throw YamlFields.Wrong(stream.Documents[1].RootNode, "func.yaml is one document"),
        };
    }

    /// <summary>Looks at the text as a stream of events, before it is made a tree.</summary>
    private static void RefuseWhatDoesHarm(Parser parser)
    {
        // The stream and the document are around it all.
        var depth = -2;
        while (parser.MoveNext())
        {
            var read = parser.Current!;
            // The tree is built by recursion: a text of nothing but brackets would use up the stack, which ends the process.
            depth += read.NestingIncrease;
            if (depth > MaxDepth)
                throw new YamlException(read.Start, read.End, $"more than {MaxDepth} levels of nesting are not supported");
            // Copies of a part by reference make little text into much data, and no func.yaml needs them.
            if (read is AnchorAlias)
                throw new YamlException(read.Start, read.End, "references (*name) are not supported");
            // A tagged name is another key than the same name without, so it would slip past the fields that are known.
            if (read is NodeEvent { Tag.IsEmpty: false })
                throw new YamlException(read.Start, read.End, "tags (!name) are not supported");
        }
    }

    private static Deployment Read(YamlFields root)
    {
        var isOld = !root.Has("schema_version");
        if (!isOld && root.Integer("schema_version", 0, int.MaxValue) != SchemaVersion)
            throw root.Wrong("schema_version", $"is not {SchemaVersion}: other versions are not supported, fn migrate makes one");
        if (root.Text("type") is { } type && type is not ("sync" or ""))
            throw root.Wrong("type", "is not sync: call with the header Fn-Invoke-Type: detached instead");
        var function = new FunctionInput
        {
            Image = Image(root),
            Format = root.Text("format") ?? (isOld ? FunctionFormat.Default : FunctionFormat.HttpStream),
            Memory = (ulong)root.Integer("memory", 0, FunctionRules.MaxMemory),
            Timeout = root.Integer("timeout", 0, FunctionRules.MaxTimeout),
            IdleTimeout = root.Integer("idle_timeout", 0, FunctionRules.MaxIdleTimeout),
            MinHot = root.Text("min_hot") is null ? null : root.Integer("min_hot", 0, FunctionSpec.MostMinHot),
            Config = root.Texts("config"),
            Annotations = root.JsonValues("annotations"),
        };
        if (!FunctionFormat.IsKnown(function.Format))
            throw root.Wrong("format", $"is '{function.Format}': allowed are {FunctionFormat.HttpStream}, {FunctionFormat.Http} and {FunctionFormat.Default}");
        var deployment = new Deployment(function, Triggers(root), RequiredConfig(root), new FuncYamlPlaces(root));
        root.RefuseOthers(NotOurs);
        return deployment;
    }

    /// <summary>As the CLI names what it builds: <c>name:version</c>. A field <c>image</c>, which the CLI does not know, names it whole.</summary>
    private static string? Image(YamlFields root)
    {
        if (root.Text("image") is { Length: > 0 } image)
            return image;
        var (name, version) = (root.Text("name"), root.Text("version"));
        return string.IsNullOrEmpty(name) || string.IsNullOrEmpty(version) ? name : $"{name}:{version}";
    }

    private static List<DeployedTrigger> Triggers(YamlFields root)
    {
        var triggers = new List<DeployedTrigger>();
        foreach (var fields in root.Items("triggers"))
        {
            triggers.Add(new DeployedTrigger(fields.Needed("name"), fields.Text("type") ?? Trigger.HttpType, fields.Needed("source")));
            fields.RefuseOthers([]);
        }
        if (root.Text("path") is { Length: > 0 } path)
            triggers.Add(new DeployedTrigger("path", Trigger.HttpType, path));
        return triggers;
    }

    private static List<string> RequiredConfig(YamlFields root)
    {
        var required = new List<string>();
        if (root.Fields("expects") is not { } expects)
            return required;
        foreach (var fields in expects.Items("config"))
        {
            var name = fields.Needed("name");
            if (fields.Flag("required"))
                required.Add(name);
            fields.RefuseOthers(["description"]);
        }
        expects.RefuseOthers([]);
        return required;
    }
}
