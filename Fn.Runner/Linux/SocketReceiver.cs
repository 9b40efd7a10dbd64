using System.Runtime.InteropServices;

namespace Fn.Runner.Linux;

/// <summary>
/// Reads of a socket. What is small it may leave with the kernel, to take many such pieces from there at once: each time that something is taken the kernel
/// wakes the peer that sent it, which could send more now, and hardly ever wants to (docs/adr/0016). One reader at a time; anybody may take.
/// </summary>
internal sealed class SocketReceiver
{
    /// <summary>Bytes that are left with the kernel at most.</summary>
    public const int MostLeft = 4096;

    private readonly Lock _lock = new();
    private readonly SafeHandle _socket;
    private readonly bool _canLeave;

    // What comes is so much that copying it twice would cost more than waking; the most that came at once since something was sent.
    private volatile bool _much;
    private volatile int _most;
    private int _left;

    /// <param name="socket">The socket.</param>
    /// <param name="leaves">Whether anything may be left with the kernel.</param>
    public SocketReceiver(SafeHandle socket, bool leaves)
    {
        _socket = socket;
        _canLeave = leaves && Epoll.TryPeekInTurn(socket);
    }

    public bool HasLeft => Volatile.Read(ref _left) > 0;

    /// <summary>Reads what is there, and may leave it with the kernel, which counts it as the peer's, and lets that have only so much: to be taken soon.</summary>
    /// <returns>The bytes read; 0 at the end, -1 when nothing is there now. Throws <see cref="IOException"/>.</returns>
    public int ReceiveAndLeave(Span<byte> into)
    {
        if (_much || !_canLeave)
            return Receive(into);
        var count = Epoll.Peek(_socket, into);
        Came(count);
        if (count > 0 && Interlocked.Add(ref _left, count) > MostLeft)
        {
            Take();
            _much = count > MostLeft;
        }
        return count;
    }

    /// <summary>Reads what is there. Returns the bytes read; 0 at the end, -1 when nothing is there now. Throws <see cref="IOException"/>.</summary>
    public int Receive(Span<byte> into)
    {
        if (!_canLeave)
            return Epoll.Receive(_socket, into);
        Take();
        var count = Epoll.Receive(_socket, into);
        Came(count);
        return count;
    }

    /// <summary>Something is sent: what comes after it is taken for as much as what came before it.</summary>
    public void Sends()
    {
        if (_most == 0)
            return;
        _much = _most > MostLeft;
        _most = 0;
    }

    /// <summary>Takes from the kernel what was left with it. Closed without, a socket tells its peer of a failure. Throws <see cref="IOException"/>.</summary>
    public void Take()
    {
        // Who reads on must not come before another one who is still taking.
        lock (_lock)
        {
            var left = Interlocked.Exchange(ref _left, 0);
            if (left > 0)
                Take(left);
        }
    }

    private void Came(int count)
    {
        if (count > _most)
            _most = count;
    }

    private void Take(int left)
    {
        Span<byte> room = stackalloc byte[MostLeft];
        while (left > 0 && Epoll.Receive(_socket, room[..Math.Min(left, room.Length)]) is > 0 and var count)
            left -= count;
    }
}
