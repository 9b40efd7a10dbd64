using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>An image that is mounted, and stays so while containers use it and until its place is needed. Thread-safe.</summary>
internal sealed class MountedImage
{
    /// <summary>What a runtime lays over the image, with links in it that lead to open files of the runtime itself.</summary>
    private static readonly string[] NotTheImages = ["/proc", "/dev", "/sys"];

    private readonly Lock _lock = new();
    private readonly StoredImage _stored;
    private int _containers;
    private bool _gone;

    private MountedImage(StoredImage stored, string root, IReadOnlyList<string> layers)
    {
        (_stored, Root, Layers) = (stored, root, layers);
        var files = new ImageFiles(root);
        Config = stored.Config with { WorkingDirectory = Checked(stored.Config.WorkingDirectory, files) };
        User = ContainerUser.Find(stored.Config.User, files.ReadText("etc/passwd"), files.ReadText("etc/group"));
    }

    /// <summary>What the image says of itself; its working directory without links.</summary>
    public ImageConfig Config { get; }

    /// <summary>Where its files are to be seen, all layers as one, read-only.</summary>
    public string Root { get; }

    /// <summary>The directories that its files are made of, the highest first. The lowest has the directories that every container needs.</summary>
    public IReadOnlyList<string> Layers { get; }

    /// <summary>The user that the image names; null: its own files do not explain the name.</summary>
    public ContainerUser? User { get; }

    /// <summary>Mounts an image. Throws <see cref="IOException"/>, and <see cref="InvalidDataException"/> for one that no container may have; then it is as before.</summary>
    /// <param name="stored">The image; owned by what is returned.</param>
    /// <param name="root">Where it shall be seen.</param>
    /// <param name="baseLayer">What every container needs.</param>
    public static MountedImage Mount(StoredImage stored, string root, string baseLayer)
    {
        var mounted = false;
        try
        {
            IReadOnlyList<string> layers = [.. stored.Layers, baseLayer];
            Directory.CreateDirectory(root);
            // What another runner has mounted there lies below, and is the same.
            Mounts.Overlay(layers, root);
            mounted = true;
            return new MountedImage(stored, root, layers);
        }
        catch
        {
            if (mounted)
                Mounts.Remove(root);
            stored.Dispose();
            throw;
        }
    }

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
        _stored.Dispose();
        return true;
    }

    /// <summary>
    /// The directory that containers start in. Runtimes change to it while they still hold files of the host open, so one that leads to those, by whatever
    /// way, would be a way out.
    /// </summary>
    private static string Checked(string directory, ImageFiles files)
    {
        if (!directory.StartsWith('/'))
            throw new InvalidDataException($"its working directory {LayerNames.Shown(directory)} is no absolute path");
        var resolved = files.Resolve(directory);
        return NotTheImages.Any(path => resolved == path || resolved.StartsWith(path + "/", StringComparison.Ordinal))
            ? throw new InvalidDataException($"its working directory {LayerNames.Shown(directory)} is in no file system of the image")
            : resolved;
    }
}
