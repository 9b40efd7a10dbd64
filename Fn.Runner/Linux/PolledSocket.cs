using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using Fn.ServiceDefaults.IO;

namespace Fn.Runner.Linux;

/// <summary>
/// A connected stream socket with one reader and one writer at a time. It does as the framework's stream over a socket with fewer system calls and wake-ups: a
/// read waits without having tried when all that was told of has been read, that the peer has read something is heard only while a write waits for it, and the
/// peer is told but once of many small pieces that were read.
/// </summary>
/// <remarks>
/// A read that waited for something to come goes on in the thread of an event loop (docs/adr/0014). Whatever else waited goes on in the pool: never inside of
/// what has cancelled it, or disposed this.
/// </remarks>
internal sealed class PolledSocket : DuplexStream, IValueTaskSource<int>
{
    private const uint MayRead = Epoll.Readable | Epoll.PeerClosed | Epoll.HungUp | Epoll.Failed;
    private const uint MayWrite = Epoll.Writable | Epoll.HungUp | Epoll.Failed;

    private readonly Lock _lock = new();
    private readonly Socket _socket;
    private readonly SafeHandle _handle;
    private readonly SocketReceiver _receiver;
    private readonly EventLoop _loop;
    private readonly int _number;

    // One of the two is looked at after the other was set, on both sides, so either the loop sees the reader or the reader sees what the loop told.
    private int _readable;
    private int _reading;

    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _target;
    private CancellationTokenRegistration _cancelled;

    // No more comes after what is there: nothing will be told of it.
    private volatile bool _peerClosed;

    private TaskCompletionSource? _writable;
    private volatile bool _disposed;

    /// <summary>Throws <see cref="SocketException"/>.</summary>
    /// <param name="socket">A connected stream socket on which nothing is under way; disposed with this.</param>
    /// <param name="loops">Tell of it.</param>
    /// <param name="leaves">
    /// Whether small pieces that were read may be left with the kernel (docs/adr/0016). Not where the peer takes the reset of a connection for its word not having been read.
    /// </param>
    public PolledSocket(Socket socket, EventLoops loops, bool leaves = true)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(loops);
        (_socket, _handle, _loop) = (socket, socket.SafeHandle, loops.Next());
        _receiver = new SocketReceiver(_handle, leaves);
        _number = _loop.Add(this, _handle);
    }

    /// <summary>Reads what is there, or waits until something is; 0: the end. Throws <see cref="IOException"/> and <see cref="ObjectDisposedException"/>.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            if (Interlocked.Exchange(ref _readable, 0) == 1 && Receive(buffer, leave: false) is >= 0 and var count)
                return ValueTask.FromResult(count);
            _read.Reset();
            _target = buffer;
            _cancelled = cancellationToken.UnsafeRegister(static (socket, cancel) => ((PolledSocket)socket!).Cancel(cancel), this);
            if (TryWait(cancellationToken))
                return new ValueTask<int>(this, _read.Version);
#pragma warning disable VSTHRD103 // Waits for nothing but a callback that returns at once, so that it does not come to a later read.
            _cancelled.Dispose();
#pragma warning restore VSTHRD103
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_disposed, this);
        }
    }

    /// <summary>Writes all of it, or waits until it can. Throws <see cref="IOException"/> and <see cref="ObjectDisposedException"/>.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _receiver.Sends();
        var sent = Send(buffer.Span);
        return sent == buffer.Length ? ValueTask.CompletedTask : WriteOnAsync(buffer[sent..], cancellationToken);
    }

    /// <summary>What is there to be read, which stays there. Not where something may be left with the kernel.</summary>
    /// <returns>How many bytes; 0 at the end, -1 when nothing is there now. Throws <see cref="IOException"/> and <see cref="ObjectDisposedException"/>.</returns>
    public int Peek(Span<byte> into) => Epoll.Peek(_handle, into);

    /// <summary>Hears no more of the socket, which is somebody else's from now on. Nothing may be under way. Throws <see cref="ObjectDisposedException"/>.</summary>
    public void Release()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _disposed = true;
            _loop.Remove(_number, _handle);
        }
    }

    /// <summary>Something was heard of the socket; not necessarily of this one.</summary>
    public void Tell(uint events)
    {
        if ((events & MayRead) != 0)
        {
            _peerClosed |= (events & ~Epoll.Readable & MayRead) != 0;
            Interlocked.Exchange(ref _readable, 1);
            if (TryTakeReader())
                CompleteRead();
        }
        if ((events & MayWrite) != 0)
            Interlocked.Exchange(ref _writable, null)?.TrySetResult();
    }

    /// <summary>Leaves nothing with the kernel that was read.</summary>
    public void Sweep()
    {
        try
        {
            if (_receiver.HasLeft)
                _receiver.Take();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Who reads or writes next is told.
        }
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        _cancelled.Dispose();
        _cancelled = default;
        return _read.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            End();
        base.Dispose(disposing);
    }

    private void End()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            Sweep();
            _loop.Remove(_number, _handle);
            _socket.Dispose();
        }
        if (TryTakeReader())
            Fail(new ObjectDisposedException(GetType().FullName));
        Interlocked.Exchange(ref _writable, null)?.TrySetResult();
    }

    private void Cancel(CancellationToken cancel)
    {
        if (TryTakeReader())
            Fail(new OperationCanceledException(cancel));
    }

    private void Fail(Exception e)
    {
        _read.RunContinuationsAsynchronously = true;
        _read.SetException(e);
    }

    /// <summary>True for the one who now has to complete the waiting read.</summary>
    private bool TryTakeReader() => Interlocked.CompareExchange(ref _reading, 0, 1) == 1;

    /// <summary>Leaves the reader to whoever has something for it; false: there is something already.</summary>
    private bool TryWait(CancellationToken cancel)
    {
        Interlocked.Exchange(ref _reading, 1);
        var goOn = Volatile.Read(ref _readable) == 1 || _disposed || cancel.IsCancellationRequested;
        return !goOn || !TryTakeReader();
    }

    private void CompleteRead()
    {
        int count;
        try
        {
            // Less than nothing: it was told of what has been read already.
            while (Interlocked.Exchange(ref _readable, 0) == 0 || (count = Receive(_target, leave: true)) < 0)
            {
                _cancelled.Token.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (TryWait(_cancelled.Token))
                    return;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            Fail(e);
            return;
        }
        // Not within the above: whoever waits goes on inside of this call.
        _read.RunContinuationsAsynchronously = false;
        _read.SetResult(count);
    }

    private int Receive(Memory<byte> into, bool leave)
    {
        var count = leave ? _receiver.ReceiveAndLeave(into.Span) : _receiver.Receive(into.Span);
        if (leave && _receiver.HasLeft)
            _loop.SweepSoon();
        // Else all that was there has been read, and whatever comes is told.
        if (count == into.Length || (_peerClosed && count >= 0))
            Interlocked.Exchange(ref _readable, 1);
        return count;
    }

    private int Send(ReadOnlySpan<byte> bytes)
    {
        var sent = 0;
        while (sent < bytes.Length && Epoll.Send(_handle, bytes[sent..]) is >= 0 and var count)
            sent += count;
        return sent;
    }

    private async ValueTask WriteOnAsync(ReadOnlyMemory<byte> rest, CancellationToken cancel)
    {
        try
        {
            while (!rest.IsEmpty)
            {
                var writable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                Interlocked.Exchange(ref _writable, writable);
                WatchWrites(true);
                using (cancel.UnsafeRegister(static (writable, cancel) => ((TaskCompletionSource)writable!).TrySetCanceled(cancel), writable))
                    await writable.Task;
                rest = rest[Send(rest.Span)..];
            }
        }
        finally
        {
            WatchWrites(false);
        }
    }

    private void WatchWrites(bool watch)
    {
        lock (_lock)
        {
            if (!_disposed)
                _loop.Watch(_number, _handle, watch);
            else
                // Sending says that it is over.
                Interlocked.Exchange(ref _writable, null)?.TrySetResult();
        }
    }
}
