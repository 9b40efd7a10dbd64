using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Linux;

/// <summary>The system calls that lay down an image's files. None follows a link at the end of its path. Results are 0 or errno.</summary>
internal static partial class LayerFiles
{
    private const uint CharacterDevice = 0x2000;
    private const string OpaqueAttribute = "trusted.overlay.opaque";

    private static ReadOnlySpan<byte> Yes => "y"u8;

    public static int MakeHardLink(string existing, string path) => Result(Link(existing, path));

    public static int ChangeOwner(string path, int user, int group) => Result(LChown(path, (uint)user, (uint)group));

    /// <summary>What hides a name of lower layers from an overlay: a character device 0/0.</summary>
    public static int MakeWhiteout(string path) => Result(MakeNode(path, CharacterDevice, 0));

    /// <summary>What hides all that lower layers have in a directory.</summary>
    public static int MarkOpaque(string directory) => Result(LSetXAttr(directory, OpaqueAttribute, in MemoryMarshal.GetReference(Yes), (nuint)Yes.Length, 0));

    /// <summary>Writes all that is on the file system of this directory to the disk.</summary>
    public static int Flush(string directory)
    {
        using var handle = LinuxFiles.OpenForFlush(directory);
        return handle.IsInvalid ? Marshal.GetLastPInvokeError() : Result(SyncFs(handle));
    }

    /// <summary>What a system call's failure means to whoever reads the message.</summary>
    public static IOException Failed(int error, string what) => new($"{what}: {Marshal.GetPInvokeErrorMessage(error)}");

    private static int Result(int returned) => returned == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LChown(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "mknod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeNode(string path, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "lsetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LSetXAttr(string path, string name, in byte value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(SafeFileHandle file);
}
