using System.Formats.Tar;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>
/// An archive of images as a tar file, what <c>docker save</c> writes or an OCI layout. Its members are read where they lie, in whatever order; nothing of it
/// is unpacked, so its members' names harm nobody.
/// </summary>
internal sealed class ArchiveFile : IImageArchive
{
    /// <summary>Most members: an image has at most 127 layers, an archive may hold several images.</summary>
    private const int MaxMembers = 100_000;

    /// <summary>Most characters of all names together: they stay in memory while the archive is open.</summary>
    private const int MaxNames = 16 * 1024 * 1024;

    /// <summary>Most links from name to name: older engines write a layer that two images share once, and a link for the other.</summary>
    private const int MaxLinks = 8;

    private readonly SafeFileHandle _file;
    private readonly Dictionary<string, (long Offset, long Length)> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    private ArchiveFile(SafeFileHandle file) => _file = file;

    /// <summary>Reads what is in an archive that is not compressed. Throws <see cref="InvalidDataException"/> and <see cref="IOException"/>.</summary>
    /// <param name="file">The archive; disposed with this, also when it is none.</param>
    public static ArchiveFile Read(SafeFileHandle file)
    {
        var archive = new ArchiveFile(file);
        try
        {
            archive.ReadMembers();
            return archive;
        }
        catch (Exception e) when (TarErrors.IsMalformed(e))
        {
            archive.Dispose();
            throw new InvalidDataException($"no whole tar archive: {e.Message}", e);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    public Stream? Open(string member)
    {
        var name = Normalize(member);
        for (var links = 0; links < MaxLinks && _links.TryGetValue(name, out var target); links++)
            name = target;
        return _members.TryGetValue(name, out var range) ? new FileRange(_file, range.Offset, range.Length) : null;
    }

    public void Dispose() => _file.Dispose();

    private void ReadMembers()
    {
        using var stream = new SeekableFile(_file);
        using var headers = new TarHeaders(stream);
        using var reader = new TarReader(headers);
        long characters = 0;
        while (Next(headers, reader) is { } entry)
        {
            if (_members.Count + _links.Count >= MaxMembers)
                throw new InvalidDataException($"more than {MaxMembers} members");
            if ((characters += entry.Name.Length + entry.LinkName.Length) > MaxNames)
                throw new InvalidDataException($"the names in it are longer than {MaxNames} characters together");
            var name = Normalize(entry.Name);
            if (entry.EntryType is TarEntryType.SymbolicLink or TarEntryType.HardLink)
                _links[name] = Target(name, entry);
            else if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                _members[name] = (entry.DataOffset, Within(entry, stream.Length));
        }
    }

    // The reader passes over the content of the last entry first, by seeking, to where it takes the next header to be.
    private static TarEntry? Next(TarHeaders headers, TarReader reader)
    {
        headers.Expect();
        return reader.GetNextEntry();
    }

    private static long Within(TarEntry entry, long end) =>
        entry.DataOffset >= 0 && entry.Length <= end - entry.DataOffset ? entry.Length : throw new InvalidDataException($"cut short within {entry.Name}");

    // A symbolic link starts at its own directory, a hard link at the archive's root.
    private static string Target(string name, TarEntry entry) => entry.EntryType is TarEntryType.HardLink
        ? Normalize(entry.LinkName)
        : Normalize($"{name[..(name.LastIndexOf('/') + 1)]}{entry.LinkName}");

    /// <summary>One spelling for each name; <c>..</c> is taken as written, for nothing is looked up but within the archive.</summary>
    private static string Normalize(string name)
    {
        var parts = new List<string>();
        foreach (var part in name.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part != ".")
                parts.Add(part);
        }
        return string.Join('/', parts);
    }
}
