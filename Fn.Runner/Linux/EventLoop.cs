using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Linux;

/// <summary>
/// One thread that hears of sockets and tells them. What waited for a socket goes on in it, so that does nothing long and never blocks (docs/adr/0014).
/// </summary>
internal sealed class EventLoop : IDisposable
{
    /// <summary>How long what was read of sockets is left with the kernel, in milliseconds.</summary>
    public const int SweepAfter = 20;

    private const int EventsAtOnce = 128;
    private const ulong Stop = ulong.MaxValue;

    private readonly Lock _lock = new();
    private readonly SafeFileHandle _poll = Epoll.Create();
    private readonly SafeFileHandle _stop = LinuxFiles.CreateSignal();
    private readonly Thread _thread;

    // By the number that the kernel knows them by. Numbers are used again, so what was heard of one socket may be told to the next one: that only makes it look.
    private readonly Stack<int> _free = [];
    private volatile PolledSocket?[] _sockets = new PolledSocket?[16];
    private int _next;
    private int _disposed;

    // When to sweep; null: there is nothing to sweep. The thread's own.
    private long? _sweepAt;

    public EventLoop(string name)
    {
        Epoll.Add(_poll, _stop, Epoll.Readable, Stop);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.UnsafeStart();
    }

    /// <summary>Tells a socket from now on when it can be read from. Returns its number. Throws <see cref="SocketException"/>.</summary>
    public int Add(PolledSocket socket, SafeHandle handle)
    {
        int number;
        lock (_lock)
        {
            if (!_free.TryPop(out number))
                number = _next++;
            if (number == _sockets.Length)
            {
                var larger = new PolledSocket?[number * 2];
                _sockets.CopyTo(larger, 0);
                _sockets = larger;
            }
            _sockets[number] = socket;
        }
        try
        {
            Epoll.Add(_poll, handle, EventsOf(writes: false), (ulong)number);
            return number;
        }
        catch
        {
            Free(number);
            throw;
        }
    }

    /// <summary>Tells it too, or no longer, when it can be written to; what it can be now is told at once.</summary>
    public void Watch(int number, SafeHandle handle, bool writes) => Epoll.Change(_poll, handle, EventsOf(writes), (ulong)number);

    /// <summary>Something was left with the kernel by a socket that was told: to be called where it is.</summary>
    public void SweepSoon() => _sweepAt ??= Environment.TickCount64 + SweepAfter;

    public void Remove(int number, SafeHandle handle)
    {
        try
        {
            Epoll.Remove(_poll, handle);
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended before its socket.
        }
        Free(number);
    }

    /// <summary>Ends the thread, which may be the caller's: then at the end of what it is doing. Its sockets hear nothing any more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        if (Thread.CurrentThread != _thread)
        {
            LinuxFiles.Signal(_stop);
            _thread.Join();
        }
        _poll.Dispose();
        _stop.Dispose();
    }

    private static uint EventsOf(bool writes) => Epoll.Readable | Epoll.PeerClosed | Epoll.OnChange | (writes ? Epoll.Writable : 0);

    private void Free(int number)
    {
        lock (_lock)
        {
            _sockets[number] = null;
            _free.Push(number);
        }
    }

    private void Run()
    {
        var room = Epoll.Room(EventsAtOnce);
        while (Volatile.Read(ref _disposed) == 0)
        {
            var count = Epoll.Wait(_poll, room, _sweepAt is null ? -1 : SweepAfter);
            for (var i = 0; i < count; i++)
            {
                var (events, data) = Epoll.EventAt(room, i);
                if (data != Stop)
                    _sockets[(int)data]?.Tell(events);
            }
            if (_sweepAt <= Environment.TickCount64)
                Sweep();
        }
    }

    private void Sweep()
    {
        _sweepAt = null;
        foreach (var socket in _sockets)
            socket?.Sweep();
    }
}
