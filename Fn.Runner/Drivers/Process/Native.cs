using System.Runtime.InteropServices;

namespace Fn.Runner.Drivers.Process;

/// <summary>The system calls on processes that the framework has no method for. Results are those of the C functions: -1 and errno for failure.</summary>
internal static partial class Native
{
    public const int SigKill = 9;
    public const int NoSuchProcess = 3;

    private const int AnyChild = 0;
    private const int DoNotWait = 1;
    private const int HasEnded = 4;
    private const int DoNotCollect = 0x1000000;

    private const int PathMax = 4096;
    private const int ExecuteAccess = 1;

    // The same numbers on every architecture that .NET runs on: they are younger than the common table.
    private const nint PidfdOpenCall = 434;
    private const nint PidfdSendSignalCall = 424;

    /// <summary>The path with all links resolved; null when it leads nowhere.</summary>
    public static string? RealPath(string path)
    {
        Span<byte> resolved = stackalloc byte[PathMax];
        if (RealPath(path, ref MemoryMarshal.GetReference(resolved)) == 0)
            return null;
        return System.Text.Encoding.UTF8.GetString(resolved[..resolved.IndexOf((byte)0)]);
    }

    public static bool MayExecute(string path) => Access(path, ExecuteAccess) == 0;

    /// <summary>A descriptor that stays with this one process even if its number is given to another; -1 when it is gone.</summary>
    public static int OpenProcess(int pid) => (int)SystemCall(PidfdOpenCall, pid, 0, 0, 0);

    public static bool SendSignal(int pidfd, int signal) => SystemCall(PidfdSendSignalCall, pidfd, signal, 0, 0) == 0;

    /// <summary>The number of a child that has ended and was not collected; it stays so. Null: there is none.</summary>
    public static int? PeekEnded()
    {
        // Three numbers of four bytes, the child's behind them, aligned for what else can be there.
        Span<int> about = stackalloc int[32];
        about.Clear();
        var pid = WaitId(AnyChild, 0, ref MemoryMarshal.GetReference(about), HasEnded | DoNotWait | DoNotCollect) == 0 ? about[nint.Size == 8 ? 4 : 3] : 0;
        return pid > 0 ? pid : null;
    }

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int type, int id, ref int about, int options);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, ref byte resolved);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);
}
