using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Linux;

/// <summary>
/// The system calls on descriptors that the framework has no method for: those that follow no links, and those that fail without an exception. Results are
/// those of the C functions; <see cref="Marshal.GetLastPInvokeError"/> has the reason.
/// </summary>
internal static partial class LinuxFiles
{
    public const int NoSuchEntry = 2;

    private const int PathMax = 4096;
    private const int NotBlocking = 0x800;
    private const int InvalidArgument = 22;
    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int EmptyPath = 0x1000;
    private const uint TypeWanted = 1;
    private const int TypeMask = 0xF000;
    private const int SocketType = 0xC000;
    private const int FileType = 0x8000;
    private const int AllModes = 0xFFF;
    private const uint ModeAndOwnerWanted = 0xB;
    private const short Readable = 1;

    // O_DIRECTORY and O_NOFOLLOW: the only flags here whose values differ between the architectures that .NET runs on.
    private static readonly int Directory = IsArm ? 0x4000 : 0x10000;
    private static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>A file for reading, or -1. To be closed with <see cref="Close"/>.</summary>
    public static int OpenRead(string path) => Open(path, CloseOnExec);

    /// <summary>
    /// Reads a whole file. Returns its length; null when it cannot be opened. For files of processes, most of which are another user's or just gone: an exception
    /// for each would cost more than all else.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="buffer">Where to; rented, and replaced by a larger one as needed.</param>
    /// <param name="most">Where reading ends, if the file does not before.</param>
    public static int? ReadWhole(string path, ref byte[] buffer, int most)
    {
        var file = OpenRead(path);
        if (file < 0)
            return null;
        try
        {
            var length = 0;
            while (length < most)
            {
                if (length == buffer.Length)
                    Grow(ref buffer);
                var count = (int)Read(file, buffer.AsSpan(length));
                if (count <= 0)
                    break;
                length += count;
            }
            return length;
        }
        finally
        {
            _ = Close(file);
        }
    }

    public static nint Read(int file, Span<byte> buffer) => Read(file, ref MemoryMarshal.GetReference(buffer), buffer.Length);

    public static nint Read(SafeFileHandle file, Span<byte> buffer) => Read(file, ref MemoryMarshal.GetReference(buffer), buffer.Length);

    /// <summary>A descriptor of a directory, to look into it by. Invalid when the path is a link or no directory.</summary>
    public static SafeFileHandle OpenDirectory(string path) => OpenHandle(path, PathOnly | Directory | NoFollow | CloseOnExec);

    /// <summary>A descriptor of a directory, by which its file system can be asked for something. Invalid when the path is a link or no directory.</summary>
    public static SafeFileHandle OpenForFlush(string path) => OpenHandle(path, Directory | NoFollow | CloseOnExec);

    /// <summary>The same of a directory in another.</summary>
    public static SafeFileHandle OpenDirectory(SafeFileHandle directory, string name) => OpenAt(directory, name, PathOnly | Directory | NoFollow | CloseOnExec);

    /// <summary>A file for reading; null, with the reason, when there is none, or a link, a pipe, a device.</summary>
    public static SafeFileHandle? OpenFile(SafeFileHandle directory, string name, out int error)
    {
        // A pipe would be waited for.
        var file = OpenAt(directory, name, NoFollow | NotBlocking | CloseOnExec);
        error = file.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
        if (error == 0 && StatX(file, "", EmptyPath, TypeWanted, out var status) == 0 && (status.Mode & TypeMask) == FileType)
            return file;
        file.Dispose();
        if (error == 0)
            error = InvalidArgument;
        return null;
    }

    /// <summary>Whether an entry belongs to this process's user and has exactly this mode.</summary>
    public static bool IsOwn(SafeFileHandle entry, UnixFileMode mode) =>
        StatX(entry, "", EmptyPath, ModeAndOwnerWanted, out var status) == 0 && status.User == EffectiveUser() && (status.Mode & AllModes) == (int)mode;

    /// <summary>Makes a directory; 0, or errno.</summary>
    public static int MakeDirectory(string path, UnixFileMode mode) => MakeDirectory(path, (uint)mode) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>A descriptor of an entry itself, whatever it is; of a link, not of what it leads to. Invalid when there is none.</summary>
    public static SafeFileHandle OpenEntry(SafeFileHandle directory, string name) => OpenAt(directory, name, PathOnly | NoFollow | CloseOnExec);

    /// <summary>Where an entry leads; null when it is no link.</summary>
    public static string? ReadLink(SafeFileHandle entry)
    {
        Span<byte> target = stackalloc byte[PathMax];
        var length = (int)ReadLinkAt(entry, "", ref MemoryMarshal.GetReference(target), target.Length);
        return length < 0 ? null : Encoding.UTF8.GetString(target[..length]);
    }

    public static bool IsSocket(SafeFileHandle entry) => StatX(entry, "", EmptyPath, TypeWanted, out var status) == 0 && (status.Mode & TypeMask) == SocketType;

    /// <summary>Waits until a descriptor is readable, at most so many milliseconds; -1: without limit.</summary>
    public static bool WaitReadable(int file, int milliseconds)
    {
        var entry = new PollEntry { File = file, Events = Readable };
        return Poll(ref entry, 1, milliseconds) > 0;
    }

    /// <summary>Blocks until the first descriptor is readable (true), or the other is (false).</summary>
    public static bool WaitReadable(SafeFileHandle file, SafeFileHandle unless)
    {
        Span<PollEntry> entries =
        [
            new() { File = (int)unless.DangerousGetHandle(), Events = Readable },
            new() { File = (int)file.DangerousGetHandle(), Events = Readable },
        ];
        while (Poll(ref MemoryMarshal.GetReference(entries), (nuint)entries.Length, -1) < 0)
        {
            // Interrupted by a signal.
        }
        return entries[0].Returned == 0;
    }

    /// <summary>A descriptor that becomes readable, for good, by <see cref="Signal"/>.</summary>
    public static SafeFileHandle CreateSignal() => EventFile(0, CloseOnExec);

    public static void Signal(SafeFileHandle signal)
    {
        ReadOnlySpan<byte> one = [1, 0, 0, 0, 0, 0, 0, 0];
        _ = Write(signal, in MemoryMarshal.GetReference(one), one.Length);
    }

    private static void Grow(ref byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int file);

    /// <summary>The user that this process acts as.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenHandle(string path, int flags);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenAt(SafeFileHandle directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLinkAt(SafeFileHandle directory, string name, ref byte target, nint size);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(SafeFileHandle directory, string name, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int file, ref byte buffer, nint count);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle file, ref byte buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle file, in byte buffer, nint count);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial SafeFileHandle EventFile(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollEntry entries, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int File;
        public short Events;
        public short Returned;
    }

    // struct statx is the same everywhere, unlike struct stat; only its owner and its mode are wanted.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
