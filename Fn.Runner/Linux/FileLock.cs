using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Linux;

/// <summary>
/// A lock between processes, and between users within one, on a file made for it. It falls with whoever holds it, however that ends. The framework's own
/// file locks do not wait.
/// </summary>
internal sealed partial class FileLock : IDisposable
{
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int CloseOnExec = 0x80000;
    private const int OwnerOnly = 0x180;
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int DoNotWait = 4;
    private const int Interrupted = 4;

    private readonly SafeFileHandle _file;

    private FileLock(SafeFileHandle file) => _file = file;

    /// <summary>Waits for the lock, and its thread with it. Throws <see cref="IOException"/> when there can be no such file.</summary>
    public static FileLock Take(string path) => Take(path, Exclusive)!;

    /// <summary>The same, together with others who take it in this way.</summary>
    public static FileLock TakeShared(string path) => Take(path, Shared)!;

    /// <summary>Null when somebody has it.</summary>
    public static FileLock? TryTake(string path) => Take(path, Exclusive | DoNotWait);

    public void Dispose() => _file.Dispose();

    private static FileLock? Take(string path, int operation)
    {
        var file = Open(path, ReadWrite | Create | CloseOnExec, OwnerOnly);
        var error = Marshal.GetLastPInvokeError();
        if (file.IsInvalid)
        {
            file.Dispose();
            throw LayerFiles.Failed(error, $"{path} cannot be opened");
        }
        while (Lock(file, operation) != 0)
        {
            error = Marshal.GetLastPInvokeError();
            if (error == Interrupted)
                continue;
            file.Dispose();
            return (operation & DoNotWait) != 0 ? null : throw new Win32Exception(error, $"{path} cannot be locked");
        }
        return new FileLock(file);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);
}
