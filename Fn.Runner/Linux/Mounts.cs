using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Linux;

/// <summary>Mounts of this process's mount namespace.</summary>
internal static partial class Mounts
{
    private const nuint ReadOnly = 1;
    private const nuint NoSetUserId = 2;
    private const nuint NoDevices = 4;
    private const nuint NoPrograms = 8;
    private const nuint NoAccessTimes = 1024;
    private const nuint Below = 0x4000;
    private const nuint Private = 0x40000;
    private const int Detach = 2;
    private const int NoFollow = 8;
    private const int NotPermitted = 1;
    private const int InvalidArgument = 22;
    private const int NoSuchEntry = 2;

    /// <summary>
    /// Shows directories as one, the first on top, read-only. The directories are named by descriptors: the kernel takes one page of options, which the
    /// paths of an image of many layers would not fit in, and no character of a path has a meaning there. Throws <see cref="IOException"/>.
    /// </summary>
    public static void Overlay(IReadOnlyList<string> directories, string target) => Overlay(directories, target, "", ReadOnly);

    /// <summary>The same, with a directory for what is changed and one for the kernel's own use beside it.</summary>
    public static void WritableOverlay(IReadOnlyList<string> directories, string upper, string work, string target)
    {
        using var upperHandle = Open(upper);
        using var workHandle = Open(work);
        Overlay(directories, target, $",upperdir={Name(upperHandle)},workdir={Name(workHandle)}", 0);
    }

    /// <summary>Mounts a file system in memory that anybody may write a few small files to. False: it may not be.</summary>
    public static bool TrySmall(string target) =>
        Mount("tmpfs", target, "tmpfs", NoSetUserId | NoDevices | NoPrograms | NoAccessTimes, "size=64k,nr_inodes=32,mode=0777") == 0;

    /// <summary>What is mounted and unmounted there, and below, in this namespace is no more so in others, nor the other way round. Throws <see cref="IOException"/>.</summary>
    public static void KeepPrivate(string target)
    {
        if (Mount("none", target, "none", Below | Private, "") != 0)
            throw LayerFiles.Failed(Marshal.GetLastPInvokeError(), $"The mounts at {target} cannot be made private");
    }

    /// <summary>Takes a mount away; it goes on for those who use it. False when there is none.</summary>
    public static bool Remove(string target)
    {
        if (Unmount(target, Detach | NoFollow) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        // Who may not unmount has mounted nothing either.
        return error is InvalidArgument or NoSuchEntry or NotPermitted ? false : throw LayerFiles.Failed(error, $"{target} cannot be unmounted");
    }

    /// <summary>Takes away all that is mounted there, one upon the other.</summary>
    public static void RemoveAll(string target)
    {
        while (Remove(target))
        {
            // The next one below.
        }
    }

    private static void Overlay(IReadOnlyList<string> directories, string target, string more, nuint flags)
    {
        var handles = new List<SafeFileHandle>();
        try
        {
            foreach (var directory in directories)
                handles.Add(Open(directory));
            var options = $"lowerdir={string.Join(':', handles.Select(Name))}{more}";
            if (Mount("overlay", target, "overlay", flags | NoDevices | NoAccessTimes, options) != 0)
                throw LayerFiles.Failed(Marshal.GetLastPInvokeError(), $"{directories.Count} layers cannot be mounted at {target}");
        }
        finally
        {
            foreach (var handle in handles)
                handle.Dispose();
        }
    }

    private static SafeFileHandle Open(string directory)
    {
        var handle = LinuxFiles.OpenDirectory(directory);
        return !handle.IsInvalid ? handle : throw LayerFiles.Failed(Marshal.GetLastPInvokeError(), $"{directory} cannot be opened");
    }

    private static string Name(SafeFileHandle handle) => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
