using System.Globalization;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>
/// Unpacked layers, each under its digest and once, for all images and all runners of a data directory. A layer has its name only when it is whole and on the
/// disk: it is unpacked beside it and renamed. Who unpacks holds the layer's lock; what another one left half done is removed by whoever has it next.
/// </summary>
internal sealed class LayerStore(string directory)
{
    private const string Files = "fs";
    private const string SizeFile = "size";
    private const string Part = ".part";
    private const string Lock = ".lock";

    /// <summary>Where a layer's files are.</summary>
    public string FilesOf(Digest layer) => Path.Combine(directory, layer.Hex, Files);

    public bool Has(Digest layer) => Directory.Exists(Path.Combine(directory, layer.Hex));

    /// <summary>Makes a layer available. Throws <see cref="InvalidDataException"/> for what is wrong with it, <see cref="IOException"/> for what is wrong with the disk.</summary>
    /// <param name="layer">Its digest before compression.</param>
    /// <param name="source">Where it is in the archive.</param>
    /// <param name="archive">The archive.</param>
    /// <param name="budget">What the image may still take.</param>
    /// <param name="cancel">Ends it; nothing is left.</param>
    public void Add(Digest layer, ArchivedLayer source, IImageArchive archive, UnpackBudget budget, CancellationToken cancel)
    {
        if (Has(layer))
            return;
        Directory.CreateDirectory(directory);
        var place = Path.Combine(directory, layer.Hex);
        using var held = FileLock.Take(place + Lock);
        // Another one may have been faster.
        if (Has(layer))
            return;
        Delete(place + Part);
        try
        {
            var before = budget.Bytes;
            Directory.CreateDirectory(Path.Combine(place + Part, Files));
            Unpack(layer, source, archive, Path.Combine(place + Part, Files), budget, cancel);
            File.WriteAllText(Path.Combine(place + Part, SizeFile), (budget.Bytes - before).ToString(CultureInfo.InvariantCulture));
            // After a power cut a name must not stand for files that were never written.
            if (LayerFiles.Flush(place + Part) is not 0 and var error)
                throw LayerFiles.Failed(error, "the layer cannot be written to the disk");
            Directory.Move(place + Part, place);
        }
        catch
        {
            Delete(place + Part);
            throw;
        }
    }

    /// <summary>The layers that are there, and what each takes. To be called while nobody adds.</summary>
    public IReadOnlyDictionary<Digest, long> All()
    {
        var found = new Dictionary<Digest, long>();
        if (!Directory.Exists(directory))
            return found;
        foreach (var path in Directory.EnumerateDirectories(directory))
        {
            if (Digest.TryParseHex(Path.GetFileName(path)) is { } layer)
                found[layer] = long.TryParse(File.ReadAllText(Path.Combine(path, SizeFile)), CultureInfo.InvariantCulture, out var size) ? size : 0;
        }
        return found;
    }

    /// <summary>Removes a layer. To be called while nobody adds.</summary>
    public void Remove(Digest layer)
    {
        var place = Path.Combine(directory, layer.Hex);
        // First its name, so that it is never there in part.
        Directory.Move(place, place + Part);
        Delete(place + Part);
        File.Delete(place + Lock);
    }

    /// <summary>Removes what was left half done. To be called while nobody adds.</summary>
    public void RemoveParts()
    {
        if (!Directory.Exists(directory))
            return;
        foreach (var path in Directory.EnumerateDirectories(directory, "*" + Part))
            Delete(path);
    }

    private static void Unpack(Digest layer, ArchivedLayer source, IImageArchive archive, string target, UnpackBudget budget, CancellationToken cancel)
    {
        var name = LayerNames.Shown(source.Member);
        var member = archive.Open(source.Member) ?? throw new InvalidDataException($"layer {name} is missing in it");
        using var blob = new HashedStream(member, budget: null, cancel);
        using var content = new HashedStream(LayerCompression.Decompress(blob), budget, cancel);
        try
        {
            new LayerUnpacker(target, budget, cancel).Unpack(content);
            content.Verify(layer, $"layer {name}");
            if (source.Blob is { } digest)
                blob.Verify(digest, $"layer {name}");
        }
        catch (Exception e) when (TarErrors.IsMalformed(e))
        {
            throw new InvalidDataException(e is InvalidDataException && e.Message.Contains(name, StringComparison.Ordinal) ? e.Message : $"layer {name}: {e.Message}", e);
        }
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }
}
