using Fn.Runner.Identity;
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

    private string Root => Path.Combine(options.Value.SocketRoot ?? Path.GetTempPath(), $"fn-{identity.Id}");

    /// <summary>A new, empty directory. Its path is short, for a socket's path is limited to 108 bytes.</summary>
    public string Create()
    {
        var root = Directory.CreateDirectory(Root, OwnerOnly);
        var path = Path.Combine(root.FullName, FnId.New(time));
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Anyone);
        return path;
    }

    public static void Remove(string? path)
    {
        if (path is null)
            return;
        try
        {
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
        foreach (var id in runnerIds)
            Remove(Path.Combine(options.Value.SocketRoot ?? Path.GetTempPath(), $"fn-{id}"));
    }
}
