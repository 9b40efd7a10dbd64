using System.Text.Json;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>
/// Reads which images an archive holds: by <c>manifest.json</c>, which every engine's <c>docker save</c> writes, else by the <c>index.json</c> of an OCI
/// layout. A layout in a directory has no <c>manifest.json</c> (<see cref="ArchiveDirectory"/>), whose names of members would be paths there. Whatever is not as it should be throws <see cref="InvalidDataException"/>.
/// </summary>
internal static class ArchiveContents
{
    /// <summary>Largest document of an archive that is read into memory.</summary>
    private const int MaxDocument = 4 * 1024 * 1024;

    /// <summary>How deep indexes may lie within each other: one for several machines within that of the layout.</summary>
    private const int MaxIndexes = 3;

    private const int MaxImages = 1000;
    private const string IndexType = "index";
    private const string ListType = "manifest.list";
    private const string FullName = "io.containerd.image.name";
    private const string RefName = "org.opencontainers.image.ref.name";

    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true };

    public static IReadOnlyList<ArchivedImage> Read(IImageArchive archive)
    {
        if (archive.Open("manifest.json") is { } saved)
            return [.. Whole(Parse<List<SavedImage?>>(ReadAll(saved, "manifest.json"), "manifest.json"), "manifest.json").Take(MaxImages).Select(FromSaved)];
        if (archive.Open("index.json") is not { } index)
            throw new InvalidDataException("neither manifest.json nor index.json is in it: no archive of images");
        var images = new List<ArchivedImage>();
        Collect(archive, Parse<Index>(ReadAll(index, "index.json"), "index.json"), names: [], depth: 1, images);
        return images;
    }

    /// <summary>A whole member, which has to be there.</summary>
    public static byte[] ReadAll(IImageArchive archive, string member, Digest? expected)
    {
        var content = ReadAll(archive.Open(member) ?? throw new InvalidDataException($"{LayerNames.Shown(member)} is missing in it"), member);
        var actual = Digest.Of(content);
        return expected is null || actual == expected ? content : throw new InvalidDataException($"{LayerNames.Shown(member)} has the digest {actual}, not {expected}");
    }

    private static byte[] ReadAll(Stream stream, string member)
    {
        using (stream)
        {
            using var content = new MemoryStream();
            var buffer = new byte[16 * 1024];
            for (int count; (count = stream.Read(buffer)) > 0;)
            {
                content.Write(buffer.AsSpan(0, count));
                if (content.Length > MaxDocument)
                    throw new InvalidDataException($"{LayerNames.Shown(member)} is larger than {MaxDocument} bytes");
            }
            return content.ToArray();
        }
    }

    private static T Parse<T>(byte[] content, string member)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(content, Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{LayerNames.Shown(member)} cannot be read: {e.Message}", e);
        }
    }

    private static ArchivedImage FromSaved(SavedImage image) => new(
        [.. Whole(image.RepoTags, "manifest.json")],
        image.Config ?? throw new InvalidDataException("an image in manifest.json has no configuration"),
        InName(image.Config),
        [.. Whole(image.Layers, "manifest.json").Select(member => new ArchivedLayer(member, member.StartsWith("blobs/", StringComparison.Ordinal) ? InName(member) : null))]);

    // HEX.json, or blobs/sha256/HEX.
    private static Digest? InName(string member) => Digest.TryParseHex(Path.GetFileNameWithoutExtension(member));

    private static void Collect(IImageArchive archive, Index index, IReadOnlyList<string> names, int depth, List<ArchivedImage> images)
    {
        foreach (var entry in Whole(index.Manifests, "an index"))
        {
            if (entry.Platform is { } platform && (platform.Os != "linux" || platform.Architecture != ImageConfig.Architecture))
                continue;
            if (images.Count == MaxImages)
                throw new InvalidDataException($"more than {MaxImages} images");
            var digest = Digest.Parse(entry.Digest);
            var content = ReadAll(archive, Blob(digest), digest);
            IReadOnlyList<string> known = NamesOf(entry) is { Count: > 0 } own ? own : names;
            if (entry.MediaType?.Contains(IndexType, StringComparison.Ordinal) == true || entry.MediaType?.Contains(ListType, StringComparison.Ordinal) == true)
            {
                if (depth == MaxIndexes)
                    throw new InvalidDataException($"its indexes lie more than {MaxIndexes} deep");
                Collect(archive, Parse<Index>(content, Blob(digest)), known, depth + 1, images);
                continue;
            }
            images.Add(FromManifest(Parse<Manifest>(content, Blob(digest)), known));
        }
    }

    private static ArchivedImage FromManifest(Manifest manifest, IReadOnlyList<string> names)
    {
        var config = Digest.Parse(manifest.Config?.Digest);
        var layers = Whole(manifest.Layers, "a manifest").Select(layer => Digest.Parse(layer.Digest));
        return new ArchivedImage(names, Blob(config), config, [.. layers.Select(layer => new ArchivedLayer(Blob(layer), layer))]);
    }

    private static List<string> NamesOf(Descriptor entry) =>
        [.. ((string[])[FullName, RefName]).Select(key => entry.Annotations?.GetValueOrDefault(key)).Where(name => name is { Length: > 0 }).OfType<string>().Take(1)];

    /// <summary>The entries of a list, which may be missing as a whole, but not one by one.</summary>
    private static IEnumerable<T> Whole<T>(IEnumerable<T?>? entries, string where) where T : class =>
        (entries ?? []).Select(entry => entry ?? throw new InvalidDataException($"an entry of a list in {where} is null"));

    private static string Blob(Digest digest) => $"blobs/sha256/{digest.Hex}";

    private sealed record SavedImage(string? Config, List<string?>? RepoTags, List<string?>? Layers);

    private sealed record Index(List<Descriptor?>? Manifests);

    private sealed record Manifest(Descriptor? Config, List<Descriptor?>? Layers);

    private sealed record Descriptor(string? MediaType, string? Digest, Platform? Platform, Dictionary<string, string>? Annotations);

    private sealed record Platform(string? Os, string? Architecture);
}
