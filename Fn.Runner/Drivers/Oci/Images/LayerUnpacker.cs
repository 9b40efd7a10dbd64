using System.Formats.Tar;
using System.Text;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>
/// Writes one layer into an empty directory that nobody else knows, in the form that overlayfs reads. Files, directories and links only, as their owners have
/// them but without set-user-id bits and extended attributes. Whatever a layer should not have throws <see cref="InvalidDataException"/>.
/// </summary>
internal sealed class LayerUnpacker(string root, UnpackBudget budget, CancellationToken cancel)
{
    private const string WhiteoutPrefix = ".wh.";
    private const string OpaqueMarker = ".wh..wh..opq";
    private const string OtherMarkers = ".wh..wh.";
    private const UnixFileMode NewDirectory = (UnixFileMode)0x1ED;

    /// <summary>rwx for all and the sticky bit. Set-user-id bits are of no use to functions, which may gain no privileges, and of none to the host.</summary>
    private const UnixFileMode KeptMode = (UnixFileMode)0x3FF;

    private const int CopyBuffer = 128 * 1024;

    private readonly LayerNames _names = new();
    private readonly byte[] _buffer = new byte[CopyBuffer];

    public void Unpack(Stream layer)
    {
        File.SetUnixFileMode(root, NewDirectory);
        using var headers = new TarHeaders(layer);
        using var reader = new TarReader(headers, leaveOpen: true);
        while (Next(headers, reader) is { } entry)
        {
            cancel.ThrowIfCancellationRequested();
            // Says things about the entries that follow, and is none.
            if (entry.EntryType == TarEntryType.GlobalExtendedAttributes)
                continue;
            budget.TakeFile();
            Write(entry);
            // What of its content nobody wanted, so that the next header is where it is looked for.
            entry.DataStream?.CopyTo(Stream.Null);
        }
    }

    private static TarEntry? Next(TarHeaders headers, TarReader reader)
    {
        headers.Expect();
        return reader.GetNextEntry();
    }

    private void Write(TarEntry entry)
    {
        var path = LayerNames.Path(entry.Name);
        foreach (var parent in _names.MissingParents(path))
        {
            // A name of many parts makes as many directories.
            budget.TakeFile();
            MakeDirectory(parent, NewDirectory, owner: null);
        }
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal))
            WriteWhiteout(path, name);
        else
            WriteEntry(path, entry);
    }

    private void WriteEntry(string path, TarEntry entry)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.Directory or TarEntryType.DirectoryList:
                MakeDirectory(path, entry.Mode & KeptMode, entry);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                MakeRoom(path);
                WriteFile(path, entry);
                break;
            case TarEntryType.SymbolicLink:
                MakeRoom(path);
                File.CreateSymbolicLink(Full(path), CheckedTarget(entry.LinkName));
                Own(path, entry);
                _names.Set(path, LayerEntryKind.SymbolicLink);
                break;
            case TarEntryType.HardLink:
                WriteHardLink(path, LayerNames.Path(entry.LinkName));
                break;
            default:
                throw new InvalidDataException($"{LayerNames.Shown(path)} is of the kind {entry.EntryType}, which a function's image may not have");
        }
    }

    private void WriteFile(string path, TarEntry entry)
    {
        var full = Full(path);
        using (var file = File.OpenHandle(full, FileMode.CreateNew, FileAccess.Write))
        {
            long written = 0;
            for (int count; entry.DataStream is { } data && (count = data.Read(_buffer)) > 0; written += count)
                RandomAccess.Write(file, _buffer.AsSpan(0, count), written);
            if (written != entry.Length)
                throw new InvalidDataException($"cut short within {LayerNames.Shown(path)}");
        }
        Own(path, entry);
        File.SetUnixFileMode(full, entry.Mode & KeptMode);
        File.SetLastWriteTimeUtc(full, entry.ModificationTime.UtcDateTime);
        _names.Set(path, LayerEntryKind.File);
    }

    private void WriteHardLink(string path, string target)
    {
        if (_names.KindOf(target) is not (LayerEntryKind.File or LayerEntryKind.SymbolicLink))
            throw new InvalidDataException($"{LayerNames.Shown(path)} is a hard link to {LayerNames.Shown(target)}, which is no file of the layer");
        if (path == target)
            return;
        MakeRoom(path);
        Require(LayerFiles.MakeHardLink(Full(target), Full(path)), path);
        _names.Set(path, _names.KindOf(target)!.Value);
    }

    private void WriteWhiteout(string path, string name)
    {
        var directory = LayerNames.Parent(path);
        if (name == OpaqueMarker)
        {
            MakeOpaque(directory);
            return;
        }
        // Notes that a storage driver of old made for itself.
        if (name.StartsWith(OtherMarkers, StringComparison.Ordinal))
            return;
        var hidden = name[WhiteoutPrefix.Length..];
        if (hidden is "" or "." or "..")
            throw new InvalidDataException($"{LayerNames.Shown(path)} hides nothing that can have a name");
        var target = directory.Length == 0 ? hidden : $"{directory}/{hidden}";
        switch (_names.KindOf(target))
        {
            case null:
                Require(LayerFiles.MakeWhiteout(Full(target)), target);
                _names.Set(target, LayerEntryKind.Whiteout);
                break;
            case LayerEntryKind.Directory:
                // Hidden below and made anew here: nothing of lower layers is to be seen in it.
                MakeOpaque(target);
                break;
        }
    }

    private void MakeDirectory(string path, UnixFileMode mode, TarEntry? owner)
    {
        var hides = _names.KindOf(path) == LayerEntryKind.Whiteout;
        if (_names.KindOf(path) != LayerEntryKind.Directory)
        {
            MakeRoom(path);
            Directory.CreateDirectory(Full(path));
            _names.Set(path, LayerEntryKind.Directory);
        }
        if (owner is not null)
            Own(path, owner);
        File.SetUnixFileMode(Full(path), mode);
        if (hides)
            MakeOpaque(path);
    }

    private void MakeOpaque(string directory) => Require(LayerFiles.MarkOpaque(Full(directory)), directory);

    /// <summary>The later of two entries of one name counts.</summary>
    private void MakeRoom(string path)
    {
        if (path.Length == 0 || _names.KindOf(path) == LayerEntryKind.Directory)
            throw new InvalidDataException($"{LayerNames.Shown(path)} is a directory and something else in it");
        if (_names.KindOf(path) is not null)
            File.Delete(Full(path));
    }

    private void Own(string path, TarEntry entry) => Require(LayerFiles.ChangeOwner(Full(path), entry.Uid, entry.Gid), path);

    // Where it leads is the container's business: it is resolved in there alone.
    private static string CheckedTarget(string target) => target.Length > 0 && Encoding.UTF8.GetByteCount(target) < 4096 && !target.Contains('\0', StringComparison.Ordinal)
        ? target
        : throw new InvalidDataException($"it has a link to {LayerNames.Shown(target)}");

    private string Full(string path) => path.Length == 0 ? root : $"{root}/{path}";

    private static void Require(int error, string path)
    {
        if (error != 0)
            throw LayerFiles.Failed(error, $"{LayerNames.Shown(path)} cannot be made");
    }
}
