using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;
using Fn.Runner.Drivers.Oci.Images;

namespace Fn.Tests.Runner.Drivers.Oci.Images;

/// <summary>An archive with one image, in the forms there are. What is left as it is, is right.</summary>
internal sealed class TestArchive
{
    public string Name { get; init; } = "test/image:1";

    /// <summary>The layers as they lie in the archive.</summary>
    public List<byte[]> Blobs { get; } = [];

    public List<Digest> DiffIds { get; } = [];

    public JsonObject Run { get; init; } = new() { ["Entrypoint"] = new JsonArray("/bin/sh") };

    public string Architecture { get; init; } = ImageConfig.Architecture;

    /// <summary>The name of the layer's blob where it is not that of its digest.</summary>
    public Digest? WrongBlobName { get; init; }

    public TestArchive Layer(TestLayer layer, Func<byte[], byte[]>? compress = null)
    {
        var content = layer.ToBytes();
        DiffIds.Add(Digest.Of(content));
        Blobs.Add(compress is null ? content : compress(content));
        return this;
    }

    public byte[] Config => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["os"] = "linux",
        ["architecture"] = Architecture,
        ["config"] = Run.DeepClone(),
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. DiffIds.Select(digest => JsonValue.Create(digest.ToString()))]) },
    }.ToJsonString());

    /// <summary>As <c>docker save</c> writes it.</summary>
    public void SaveDocker(string path)
    {
        using var tar = new TarWriter(File.Create(path));
        var names = Blobs.Select((_, i) => $"{new string((char)('a' + i), 8)}/layer.tar").ToList();
        foreach (var (name, blob) in names.Zip(Blobs))
            Write(tar, name, blob);
        var config = $"{Digest.Of(Config).Hex}.json";
        Write(tar, config, Config);
        Write(tar, "manifest.json", Encoding.UTF8.GetBytes(new JsonArray(new JsonObject
        {
            [nameof(Config)] = config,
            ["RepoTags"] = new JsonArray(Name),
            ["Layers"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]),
        }).ToJsonString()));
    }

    /// <summary>As an OCI layout in a tar file.</summary>
    public void SaveLayout(string path)
    {
        using var tar = new TarWriter(File.Create(path));
        foreach (var (name, content) in Layout())
            Write(tar, name, content);
    }

    /// <summary>As an OCI layout in a directory.</summary>
    public void SaveDirectory(string path)
    {
        foreach (var (name, content) in Layout())
        {
            var file = Path.Combine(path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }
    }

    private IEnumerable<(string Name, byte[] Content)> Layout()
    {
        yield return ("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray());
        foreach (var blob in Blobs)
            yield return Blob(blob, WrongBlobName);
        yield return Blob(Config);
        var manifest = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["config"] = Descriptor(Digest.Of(Config), "application/vnd.oci.image.config.v1+json"),
            ["layers"] = new JsonArray([.. Blobs.Select(blob => Descriptor(WrongBlobName ?? Digest.Of(blob), "application/vnd.oci.image.layer.v1.tar"))]),
        }.ToJsonString());
        yield return Blob(manifest);
        var entry = Descriptor(Digest.Of(manifest), "application/vnd.oci.image.manifest.v1+json");
        entry["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = Name };
        yield return ("index.json", Encoding.UTF8.GetBytes(new JsonObject { ["manifests"] = new JsonArray(entry) }.ToJsonString()));
    }

    private static JsonObject Descriptor(Digest digest, string type) => new() { ["mediaType"] = type, ["digest"] = digest.ToString(), ["size"] = 1 };

    private static (string, byte[]) Blob(byte[] content, Digest? name = null) => ($"blobs/sha256/{(name ?? Digest.Of(content)).Hex}", content);

    private static void Write(TarWriter tar, string name, byte[] content) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
}
