using System.Collections.Concurrent;
using Fn.Runner.Drivers.Docker;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>
/// The archives that lie in one directory, by the names of the images in them. An archive is read again when it changed; one that cannot be read harms no
/// other. Thread-safe.
/// </summary>
internal sealed class ArchiveFolder(string directory)
{
    private const string Extension = ".tar";
    private const string LayoutIndex = "index.json";

    private static readonly string[] DefaultPrefixes = ["docker.io/", "index.docker.io/", "library/"];

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    public string Directory { get; } = directory;

    /// <summary>When an archive came or went last.</summary>
    public DateTime ChangedAt => System.IO.Directory.GetLastWriteTimeUtc(Directory);

    /// <summary>Where an image is; null when no archive has it. Of several archives that have it the one written last counts.</summary>
    /// <param name="image">Its name.</param>
    /// <param name="unread">The archives that could not be read, and why.</param>
    public ArchivedAt? Find(string image, out IReadOnlyList<string> unread)
    {
        var errors = new List<string>();
        ArchivedAt? found = null;
        if (Canonical(image) is { } wanted && System.IO.Directory.Exists(Directory))
        {
            foreach (var path in System.IO.Directory.EnumerateFileSystemEntries(Directory).Order(StringComparer.Ordinal))
            {
                if (StampOf(path) is not { } stamp)
                    continue;
                var known = Read(path, stamp);
                if (known.Error is { } error)
                    errors.Add($"{path}: {error}");
                else if (known.Images.FirstOrDefault(entry => entry.Names.Contains(wanted)) is { } entry && !(found?.Stamp.ChangedAt > stamp.ChangedAt))
                    found = new ArchivedAt(path, stamp, entry);
            }
        }
        unread = errors;
        return found;
    }

    /// <summary>Whether an archive is as it was.</summary>
    public static bool IsUnchanged(ArchivedAt at) => StampOf(at.Path) == at.Stamp;

    /// <summary>Opens an archive. Throws <see cref="InvalidDataException"/> and <see cref="IOException"/>.</summary>
    public static IImageArchive Open(string path) =>
        System.IO.Directory.Exists(path) ? new ArchiveDirectory(path) : ArchiveFile.Read(File.OpenHandle(path));

    private Known Read(string path, ArchiveStamp stamp)
    {
        if (_known.TryGetValue(path, out var known) && known.Stamp == stamp)
            return known;
        try
        {
            using var archive = Open(path);
            var stem = (archive is ArchiveDirectory ? Path.GetFileName(path) : Path.GetFileNameWithoutExtension(path)).ToLowerInvariant();
            known = new Known(stamp, [.. ArchiveContents.Read(archive).Select(image => image with { Names = NamesOf(image, stem) })], null);
        }
#pragma warning disable CA1031 // Whatever is wrong with one archive must not hide all others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            known = new Known(stamp, [], e.Message);
        }
        return _known[path] = known;
    }

    /// <summary>Layouts may name a tag alone, or nothing: then the archive's own name is the repository's.</summary>
    private static List<string> NamesOf(ArchivedImage image, string stem)
    {
        var names = image.Names.Count == 0 ? [stem] : image.Names.Select(name => name.AsSpan().ContainsAny(":/") ? name : $"{stem}:{name}");
        return [.. names.Select(Canonical).OfType<string>()];
    }

    /// <summary>One spelling for each name; null when it is none, or one by digest: archives know their images by tags.</summary>
    private static string? Canonical(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal) || ImageReference.Parse(image) is not { } reference)
            return null;
        var repository = reference.Repository;
        foreach (var prefix in DefaultPrefixes)
        {
            if (repository.StartsWith(prefix, StringComparison.Ordinal))
                repository = repository[prefix.Length..];
        }
        return $"{repository}:{reference.Tag}";
    }

    /// <summary>Null: nothing that could be an archive.</summary>
    private static ArchiveStamp? StampOf(string path)
    {
        var file = new FileInfo(path.EndsWith(Extension, StringComparison.Ordinal) ? path : Path.Combine(path, LayoutIndex));
        return file.Exists ? new ArchiveStamp(file.LastWriteTimeUtc, file.Length) : null;
    }

    private sealed record Known(ArchiveStamp Stamp, IReadOnlyList<ArchivedImage> Images, string? Error);
}

/// <summary>By what it is seen that an archive changed.</summary>
internal readonly record struct ArchiveStamp(DateTime ChangedAt, long Length);

/// <summary>An image in an archive.</summary>
internal sealed record ArchivedAt(string Path, ArchiveStamp Stamp, ArchivedImage Image);
