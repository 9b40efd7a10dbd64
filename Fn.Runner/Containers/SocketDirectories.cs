using Fn.Runner.Identity;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Containers;

/// <summary>Makes and removes the directories of containers' sockets. Each is the function's own; everything above is closed to other users.</summary>
internal sealed class SocketDirectories(IOptions<ContainerOptions> options, RunnerIdentity identity, TimeProvider time)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode Anyone = OwnerOnly
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>A new, empty directory. Its path is short, for a socket's path is limited to 108 bytes. Throws <see cref="IOException"/>.</summary>
    /// <param name="ownFileSystem">
    /// Whether it is to be a small file system of its own, where this process may mount one: whatever the function writes there, to no limit of its own, would
    /// otherwise be on the host's disk.
    /// </param>
    public string Create(bool ownFileSystem)
    {
        var root = RootOf(identity.Id);
        if (LinuxFiles.MakeDirectory(root, OwnerOnly) == LinuxFiles.NoSuchEntry)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(root)!);
            LinuxFiles.MakeDirectory(root, OwnerOnly);
        }
        if (!IsOwn(root))
            throw new IOException($"{root} cannot be made, or is not this user's own directory, closed to others: no sockets are kept there");
        var path = Path.Combine(root, FnId.New(time));
        Directory.CreateDirectory(path);
        if (!(ownFileSystem && Environment.IsPrivilegedProcess && Mounts.TrySmall(path)))
            File.SetUnixFileMode(path, Anyone);
        return path;
    }

    public static void Remove(string? path)
    {
        if (path is null)
            return;
        try
        {
            if (Environment.IsPrivilegedProcess)
                Mounts.RemoveAll(path);
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Removed by someone else: what is wanted.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The function still writes into it, or made something there that only it may remove. The next start tries again; the container's memory must
            // not wait for that.
        }
    }

    /// <summary>Removes the directories that earlier processes with this identity, or with one of these, left behind.</summary>
    public void RemoveLeftovers(IEnumerable<string> runnerIds)
    {
        // One that others may write to is not gone through with the rights of this process.
        foreach (var root in runnerIds.Select(RootOf).Where(IsOwn))
        {
            foreach (var path in Directory.GetDirectories(root))
                Remove(path);
            Remove(root);
        }
    }

    private string RootOf(string runnerId) => Path.Combine(options.Value.SocketRoot ?? Path.GetTempPath(), $"fn-{runnerId}");

    /// <summary>The directory for temporary files is everybody's: somebody else may have been faster, with a directory or a link.</summary>
    private static bool IsOwn(string root)
    {
        using var directory = LinuxFiles.OpenDirectory(root);
        return !directory.IsInvalid && LinuxFiles.IsOwn(directory, OwnerOnly);
    }
}
