namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>
/// What a layer that is being unpacked has so far, and so which names may come next. Nobody else writes into its directory, so this is the whole truth, and
/// no name is ever resolved by the kernel through a link that the layer brought along.
/// </summary>
internal sealed class LayerNames
{
    private const int MaxPath = 4000;
    private const int MaxDepth = 255;

    /// <summary>Most characters of all names together, which are in memory while a layer is unpacked.</summary>
    private const int MaxNames = 64 * 1024 * 1024;

    private readonly Dictionary<string, LayerEntryKind> _entries = new(StringComparer.Ordinal) { [""] = LayerEntryKind.Directory };

    private int _characters;

    public LayerEntryKind? KindOf(string path) => _entries.TryGetValue(path, out var kind) ? kind : null;

    public void Set(string path, LayerEntryKind kind)
    {
        if (!_entries.ContainsKey(path) && (_characters += path.Length) > MaxNames)
            throw new InvalidDataException($"the names in it are longer than {MaxNames} characters together");
        _entries[path] = kind;
    }

    /// <summary>The path of a name below the layer's root; empty for the root itself. Throws <see cref="InvalidDataException"/> for one that leads elsewhere.</summary>
    public static string Path(string name)
    {
        if (name.StartsWith('/'))
            throw new InvalidDataException($"it has the absolute path {Shown(name)}");
        if (name.Length > MaxPath || name.Contains('\0', StringComparison.Ordinal))
            throw new InvalidDataException($"it has a name that no file can have: {Shown(name)}");
        var parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToList();
        if (parts.Contains(".."))
            throw new InvalidDataException($"it has a path that leads upwards: {Shown(name)}");
        return parts.Count <= MaxDepth ? string.Join('/', parts) : throw new InvalidDataException($"it has a path of more than {MaxDepth} directories");
    }

    /// <summary>The directory of a path.</summary>
    public static string Parent(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "";

    /// <summary>The directories above a path that are not there yet, from the top. Throws when something that is none is in the way.</summary>
    public IEnumerable<string> MissingParents(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            var parent = path[..slash];
            var kind = KindOf(parent);
            if (kind is not (null or LayerEntryKind.Directory or LayerEntryKind.Whiteout))
                throw new InvalidDataException($"it has {Shown(path)} below {Shown(parent)}, which is no directory");
            if (kind != LayerEntryKind.Directory)
                yield return parent;
        }
    }

    /// <summary>A name as a message may have it.</summary>
    public static string Shown(string name) =>
        "\"" + new string([.. name.Take(200).Select(c => char.IsControl(c) ? '?' : c)]) + (name.Length > 200 ? "…\"" : "\"");
}

internal enum LayerEntryKind
{
    File,
    Directory,
    SymbolicLink,

    /// <summary>Hides what lower layers have under its name.</summary>
    Whiteout,
}
