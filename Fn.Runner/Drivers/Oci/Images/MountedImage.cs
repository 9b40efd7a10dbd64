using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>An image that is mounted, and stays so while containers use it and until its place is needed. Thread-safe.</summary>
internal sealed class MountedImage(StoredImage stored, string root, string baseLayer)
{
    private readonly Lock _lock = new();
    private int _containers;
    private bool _gone;

    public ImageConfig Config => stored.Config;

    /// <summary>Where its files are to be seen, all layers as one, read-only.</summary>
    public string Root { get; } = root;

    /// <summary>The directories that its files are made of, the highest first. The lowest has the directories that every container needs.</summary>
    public IReadOnlyList<string> Layers { get; } = [.. stored.Layers, baseLayer];

    /// <summary>The user that the image names; null: its own files do not explain the name.</summary>
    public ContainerUser? User { get; } = ContainerUser.Find(stored.Config.User, ReadTop(stored.Layers, "etc/passwd"), ReadTop(stored.Layers, "etc/group"));

    /// <summary>Whether something can be mounted upon a file of it, as containers see it: only upon one that is there, and no link, for that is not followed out here.</summary>
    public bool HasPlainFile(string directory, string name)
    {
        var place = new DirectoryInfo(Path.Combine(Root, directory));
        return place is { Exists: true, LinkTarget: null } && new FileInfo(Path.Combine(place.FullName, name)) is { Exists: true, LinkTarget: null } file
            && !file.Attributes.HasFlag(FileAttributes.Device);
    }

    /// <summary>Takes it for a container; false: it is gone, and has to be got again.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            if (_gone)
                return false;
            _containers++;
            return true;
        }
    }

    public void Release()
    {
        lock (_lock)
            _containers--;
    }

    /// <summary>Gives it up if no container uses it.</summary>
    public bool TryLetGo()
    {
        lock (_lock)
        {
            if (_gone || _containers > 0)
                return _gone;
            _gone = true;
        }
        Mounts.Remove(Root);
        stored.Dispose();
        return true;
    }

    /// <summary>A file as the container sees it, if it is one and no link: links are not followed out here.</summary>
    private static string? ReadTop(IReadOnlyList<string> layers, string path)
    {
        const int MostRead = 1024 * 1024;
        foreach (var layer in layers)
        {
            var directory = new DirectoryInfo(Path.Combine(layer, Path.GetDirectoryName(path)!));
            var file = new FileInfo(Path.Combine(layer, path));
            if (directory is { Exists: true, LinkTarget: null } && file.Exists)
                return file is { LinkTarget: null, Length: < MostRead } && !file.Attributes.HasFlag(FileAttributes.Device) ? File.ReadAllText(file.FullName) : null;
        }
        return null;
    }
}
