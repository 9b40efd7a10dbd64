using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Linux;

/// <summary>The system calls by which one thread hears of many sockets, and those on sockets that never wait.</summary>
internal static partial class Epoll
{
    public const uint Readable = 1;
    public const uint Writable = 4;
    public const uint Failed = 8;
    public const uint HungUp = 0x10;
    public const uint PeerClosed = 0x2000;

    /// <summary>Told once when it becomes so, not as long as it is so.</summary>
    public const uint OnChange = 1u << 31;

    private const int CloseOnExec = 0x80000;
    private const int AddEntry = 1;
    private const int RemoveEntry = 2;
    private const int ChangeEntry = 3;
    private const int SocketLevel = 1;
    private const int PeekOffset = 42;
    private const int LeaveThere = 2;
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const int Reset = 104;

    // Packed on one architecture alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EntrySize = DataOffset + sizeof(ulong);

    public static SafeFileHandle Create()
    {
        var poll = Create(CloseOnExec);
        return poll.IsInvalid ? throw Failure() : poll;
    }

    public static void Add(SafeFileHandle poll, SafeHandle file, uint events, ulong data) => Control(poll, AddEntry, file, events, data);

    /// <summary>What is so already is told again.</summary>
    public static void Change(SafeFileHandle poll, SafeHandle file, uint events, ulong data) => Control(poll, ChangeEntry, file, events, data);

    public static void Remove(SafeFileHandle poll, SafeHandle file) => Control(poll, RemoveEntry, file, 0, 0);

    /// <summary>Room for so many events.</summary>
    public static byte[] Room(int events) => GC.AllocateUninitializedArray<byte>(events * EntrySize, pinned: true);

    /// <summary>Waits until there is something to tell, or so many milliseconds have passed; -1: for ever. Returns how many events there are.</summary>
    public static int Wait(SafeFileHandle poll, byte[] room, int milliseconds)
    {
        int count;
        do
            count = Wait(poll, ref room[0], room.Length / EntrySize, milliseconds);
        while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return count < 0 ? throw Failure() : count;
    }

    public static (uint Events, ulong Data) EventAt(byte[] room, int index)
    {
        var entry = room.AsSpan(index * EntrySize, EntrySize);
        return (BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadUInt64LittleEndian(entry[DataOffset..]));
    }

    /// <summary>Reads what is there; 0 at the end, -1 when nothing is there now. Throws <see cref="IOException"/>.</summary>
    public static int Receive(SafeHandle socket, Span<byte> into) => Checked(Receive(socket, ref MemoryMarshal.GetReference(into), into.Length, DontWait));

    /// <summary>Reads what is there, and leaves it there; 0 at the end, -1 when nothing is there now. Throws <see cref="IOException"/>.</summary>
    public static int Peek(SafeHandle socket, Span<byte> into) => Checked(Receive(socket, ref MemoryMarshal.GetReference(into), into.Length, DontWait | LeaveThere));

    /// <summary>Writes what there is room for; -1 when there is none now. Throws <see cref="IOException"/>.</summary>
    public static int Send(SafeHandle socket, ReadOnlySpan<byte> bytes) => Checked(Send(socket, in MemoryMarshal.GetReference(bytes), bytes.Length, DontWait | NoSignal));

    /// <summary>Lets each <see cref="Peek"/> begin where the one before it ended. False: the kernel cannot.</summary>
    public static bool TryPeekInTurn(SafeHandle socket)
    {
        var begin = 0;
        return Set(socket, SocketLevel, PeekOffset, in begin, sizeof(int)) == 0;
    }

    private static int Checked(nint count)
    {
        if (count >= 0)
            return (int)count;
        var number = Marshal.GetLastPInvokeError();
        if (number is TryAgain or Interrupted)
            return -1;
        // Numbers are told apart by the framework as those of another system.
        var error = new SocketException(number == Reset ? (int)SocketError.ConnectionReset : number);
        throw new IOException(error.Message, error);
    }

    private static void Control(SafeFileHandle poll, int command, SafeHandle file, uint events, ulong data)
    {
        Span<byte> entry = stackalloc byte[EntrySize];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, events);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[DataOffset..], data);
        if (Control(poll, command, file, ref MemoryMarshal.GetReference(entry)) != 0)
            throw Failure();
    }

    private static SocketException Failure() => new(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial SafeFileHandle Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle poll, int command, SafeHandle file, ref byte entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(SafeFileHandle poll, ref byte entries, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeHandle socket, ref byte buffer, nint count, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int Set(SafeHandle socket, int level, int option, in int value, int length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeHandle socket, in byte buffer, nint count, int flags);
}
