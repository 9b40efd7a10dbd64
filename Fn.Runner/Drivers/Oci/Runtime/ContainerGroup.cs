using System.Globalization;
using System.Runtime.InteropServices;
using Fn.Runner.Drivers.Process;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Oci.Runtime;

/// <summary>
/// The group that the kernel keeps a container's processes in, in each hierarchy. It outlives whoever made the container, and whatever that wrote down, so
/// what is in there can be ended when nothing else is known.
/// </summary>
/// <param name="hierarchies">The directories of the hierarchies.</param>
/// <param name="path">The group in each.</param>
internal sealed class ContainerGroup(IReadOnlyList<string> hierarchies, string path)
{
    private const int EndTimeoutMilliseconds = 5000;

    /// <summary>How often it is tried: what is killed may just have started something, and a group is in use until its last process has gone from its processor.</summary>
    private const int MostTries = 20;

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(5);

    /// <summary>Kills what is in it, and takes it away. False: something of it is still there.</summary>
    public async Task<bool> RemoveAsync()
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (TryRemove())
                return true;
            foreach (var pid in Processes())
                End(pid);
            if (TryRemove())
                return true;
            // By the machine's own clock, whatever the service's is: what is waited for are processes of this machine.
            await Task.Delay(Retry, TimeProvider.System);
        }
        return false;
    }

    /// <summary>Takes away one directory and those below it, if nothing is in them.</summary>
    public static bool TryRemove(string directory)
    {
        try
        {
            // The kernel's files in it go with it.
            foreach (var below in Directory.EnumerateDirectories(directory))
                TryRemove(below);
            Directory.Delete(directory);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Each is tried, whatever becomes of the others.
    private bool TryRemove() => Directories().Select(TryRemove).ToList().TrueForAll(gone => gone);

    private IEnumerable<string> Directories() => hierarchies.Select(root => root + path).Where(Directory.Exists);

    private List<int> Processes()
    {
        var found = new HashSet<int>();
        foreach (var directory in Directories())
        {
            foreach (var group in (IEnumerable<string>)[directory, .. Directory.EnumerateDirectories(directory, "*", SearchOption.AllDirectories)])
                found.UnionWith(ProcessesIn(group));
        }
        return [.. found];
    }

    private static IEnumerable<int> ProcessesIn(string group)
    {
        try
        {
            // Zero is a process that has no number here.
            return File.ReadAllLines(group + "/cgroup.procs").Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Where(pid => pid > 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return [];
        }
    }

    private void End(int pid)
    {
        var process = Native.OpenProcess(pid);
        if (process < 0)
        {
            // A kernel without process descriptors.
            if (Marshal.GetLastPInvokeError() != Native.NoSuchProcess)
                _ = Native.Kill(pid, Native.SigKill);
            return;
        }
        try
        {
            // Looked at again through the descriptor's lifetime: the number may have gone to another process since the group was read.
            if (Processes().Contains(pid) && Native.SendSignal(process, Native.SigKill))
                LinuxFiles.WaitReadable(process, EndTimeoutMilliseconds);
        }
        finally
        {
            _ = LinuxFiles.Close(process);
        }
    }
}
