using System.Runtime.InteropServices;

namespace Fn.Runner.Drivers.Process;

/// <summary>The system calls on processes that the framework has no method for. Results are those of the C functions: -1 and errno for failure.</summary>
internal static partial class Native
{
    public const int SigKill = 9;
    public const int NoSuchProcess = 3;

    private const int PathMax = 4096;
    private const int ExecuteAccess = 1;
    private const int CloseOnExec = 0x80000;
    private const short PollIn = 1;

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

    /// <summary>A file for reading, or -1.</summary>
    public static int OpenRead(string path) => Open(path, CloseOnExec);

    public static nint Read(int file, Span<byte> buffer) => Read(file, ref MemoryMarshal.GetReference(buffer), buffer.Length);

    /// <summary>A descriptor that stays with this one process even if its number is given to another; -1 when it is gone.</summary>
    public static int OpenProcess(int pid) => (int)SystemCall(PidfdOpenCall, pid, 0, 0, 0);

    public static bool SendSignal(int pidfd, int signal) => SystemCall(PidfdSendSignalCall, pidfd, signal, 0, 0) == 0;

    /// <summary>Waits until the process of a descriptor has ended, at most so many milliseconds.</summary>
    public static bool WaitForEnd(int pidfd, int milliseconds)
    {
        var poll = new PollEntry { File = pidfd, Events = PollIn };
        return Poll(ref poll, 1, milliseconds) > 0;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, ref byte resolved);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int file, ref byte buffer, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollEntry entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int File;
        public short Events;
        public short Returned;
    }
}
