using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Linux;

/// <summary>
/// A connection to the kernel's network configuration, in the network namespace of the thread that opens it. The kernel does what it is asked before the request's
/// system call returns, so nothing waits. Not thread-safe.
/// </summary>
internal sealed partial class RouteSocket : IDisposable
{
    private const int Netlink = 16;
    private const int Raw = 3;
    private const int CloseOnExec = 0x80000;
    private const int Route = 0;
    private const int ErrorOffset = 16;
    private const int LargestAnswer = 8192;

    private readonly SafeFileHandle _socket;

    private RouteSocket(SafeFileHandle socket) => _socket = socket;

    /// <summary>Throws <see cref="IOException"/>.</summary>
    public static RouteSocket Open()
    {
        var socket = Socket(Netlink, Raw | CloseOnExec, Route);
        if (!socket.IsInvalid)
            return new RouteSocket(socket);
        var error = Marshal.GetLastPInvokeError();
        socket.Dispose();
        throw LayerFiles.Failed(error, "The kernel's network configuration cannot be reached");
    }

    /// <summary>Asks for something, and throws <see cref="IOException"/> when it is not done.</summary>
    /// <param name="message">What is asked.</param>
    /// <param name="what">What did not work then, for people.</param>
    public void Ask(RouteMessage message, string what)
    {
        var error = TryAsk(message);
        if (error != 0)
            throw LayerFiles.Failed(error, what);
    }

    /// <summary>The same. Returns 0 or errno.</summary>
    public int TryAsk(RouteMessage message)
    {
        var bytes = message.Finish();
        if (Send(_socket, in MemoryMarshal.GetReference(bytes), bytes.Length, 0) < 0)
            return Marshal.GetLastPInvokeError();
        Span<byte> answer = stackalloc byte[LargestAnswer];
        while (Receive(_socket, ref MemoryMarshal.GetReference(answer), answer.Length, 0) < ErrorOffset + sizeof(int))
        {
            const int Interrupted = 4;
            if (Marshal.GetLastPInvokeError() is not Interrupted and var error)
                return error;
        }
        return -MemoryMarshal.Read<int>(answer[ErrorOffset..]);
    }

    public void Dispose() => _socket.Dispose();

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial SafeFileHandle Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeFileHandle socket, in byte buffer, nint count, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeFileHandle socket, ref byte buffer, nint count, int flags);
}
