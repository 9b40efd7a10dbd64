using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Fn.Runner.Linux;
using Xunit;

namespace Fn.Tests.Runner.Linux;

/// <summary>Reads, writes and ends of a socket whose other end is the framework's.</summary>
public sealed class PolledSocketTests : IAsyncLifetime
{
    // Whether this thread is about to end something.
    [ThreadStatic]
    private static bool s_ending;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"fn-polled-{Guid.NewGuid():N}");
    private readonly EventLoops _loops = new(Environment.ProcessorCount);
    private PolledSocket _socket = null!;
    private Socket _peer = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (_socket, _peer) = await ConnectAsync();

    public async ValueTask DisposeAsync()
    {
        await _socket.DisposeAsync();
        _peer.Dispose();
        _loops.Dispose();
    }

    [Fact]
    public async Task Read_BytesCameBefore_AreThere()
    {
        await SendAsync("abc");
        await SendAsync("def");

        Assert.Equal("abcdef", await ReadAsync(6));
    }

    [Fact]
    public async Task Read_BytesComeLater_AreWaitedFor()
    {
        var buffer = new byte[16];
        var read = _socket.ReadAsync(buffer, Cancel).AsTask();
        Assert.False(read.IsCompleted);

        await SendAsync("abc");

        Assert.Equal(3, await read);
    }

    [Fact]
    public async Task Read_BufferSmallerThanWhatIsThere_RestFollowsUntold()
    {
        await SendAsync("abcdef");

        Assert.Equal("ab", await ReadOnceAsync(2));
        Assert.Equal("cd", await ReadOnceAsync(2));
        Assert.Equal("ef", await ReadOnceAsync(2));
        var more = _socket.ReadAsync(new byte[2], Cancel).AsTask();
        await SendAsync("g");
        Assert.Equal(1, await more);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_PeerEnds_ReadsWhatItSaidThenTheEndForGood(bool closes)
    {
        await SendAsync("abc");
        if (closes)
            _peer.Dispose();
        else
            _peer.Shutdown(SocketShutdown.Send);

        Assert.Equal("abc", await ReadOnceAsync(16));
        Assert.Equal("", await ReadOnceAsync(16));
        Assert.Equal("", await ReadOnceAsync(16));
    }

    [Fact]
    public async Task Read_PeerEndsWhileItWaits_IsTheEnd()
    {
        var read = _socket.ReadAsync(new byte[16], Cancel).AsTask();

        _peer.Dispose();

        Assert.Equal(0, await read);
    }

    [Fact]
    public async Task Read_SmallAnswersOneAfterTheOther_PeerThatWaitsForTheNextIsNotWokenByThat()
    {
        const int Calls = 2000;
        var sleeps = new TaskCompletionSource<long>();
        new Thread(() => sleeps.SetResult(Echo(_peer, Calls))) { IsBackground = true }.Start();
        var begun = Environment.TickCount64;

        var buffer = new byte[100];
        for (var i = 0; i < Calls; i++)
        {
            // A read that waits when the answer comes: what has come before is taken at once.
            var read = _socket.ReadAsync(buffer, Cancel);
            await _socket.WriteAsync("what is asked"u8.ToArray(), Cancel);
            Assert.Equal("what is asked".Length, await read);
        }

        // Once for each, if it sleeps at all, and whenever the loop sweeps; twice for each, if it is woken by every read.
        Assert.InRange(await sleeps.Task, 0, Calls * 5 / 4 + (Environment.TickCount64 - begun) / EventLoop.SweepAfter);

        static long Echo(Socket peer, int calls)
        {
            var buffer = new byte[100];
            var before = Sleeps();
            for (var i = 0; i < calls; i++)
                peer.Send(buffer.AsSpan(0, peer.Receive(buffer)));
            return Sleeps() - before;
        }

        static long Sleeps() => long.Parse(
            File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal)).Split(':')[1], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Read_PeerHasNoRoomForMoreAfterManySmallPieces_ItsNextPieceComes()
    {
        using var gate = new ManualResetEventSlim();
        var held = await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => HoldLoopAsync(gate)));
        var read = _socket.ReadAsync(new byte[2 * SocketReceiver.MostLeft], Cancel);
        var sent = 0;
        _peer.Blocking = false;
        while (_peer.Send(new byte[1], SocketFlags.None, out var error) == 1 && error == SocketError.Success)
            sent++;
        Assert.InRange(sent, 1, SocketReceiver.MostLeft);
        gate.Set();

        Assert.Equal(sent, await read);
        await SendAsync("a");

        Assert.Equal("a", await ReadAsync(1));
        foreach (var (socket, peer) in held)
        {
            await socket.DisposeAsync();
            peer.Dispose();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(SocketReceiver.MostLeft)]
    [InlineData(SocketReceiver.MostLeft + 1)]
    public async Task Dispose_AfterAllWasRead_IsTheEndForThePeerNotAFailure(int size)
    {
        await _peer.SendAsync(new byte[size], Cancel);
        await ReadAsync(size);

        await _socket.DisposeAsync();

        Assert.Equal(0, await _peer.ReceiveAsync(new byte[1], Cancel));
    }

    [Fact]
    public async Task Read_Cancelled_IsOverAndTheNextOneReads()
    {
        using var enough = new CancellationTokenSource();
        var read = _socket.ReadAsync(new byte[16], enough.Token).AsTask();

        await enough.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        var next = ReadAsync(3);
        await SendAsync("abc");
        Assert.Equal("abc", await next);
    }

    [Fact]
    public async Task Read_CancelledBefore_ReadsNothing()
    {
        await SendAsync("abc");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _socket.ReadAsync(new byte[16], new CancellationToken(canceled: true)).AsTask());

        Assert.Equal("abc", await ReadAsync(3));
    }

    [Fact]
    public async Task Dispose_ReadAndWriteWait_BothFail()
    {
        var read = _socket.ReadAsync(new byte[16], Cancel).AsTask();
        var write = _socket.WriteAsync(new byte[8 * 1024 * 1024], Cancel).AsTask();
        Assert.False(write.IsCompleted);

        await _socket.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => write);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _socket.ReadAsync(new byte[16], Cancel).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _socket.WriteAsync(new byte[16], Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CancelOrDispose_ReadAndWriteWait_TheyDoNotGoOnInsideOfThat(bool cancels)
    {
        using var enough = new CancellationTokenSource();
        var read = InsideAsync(_socket.ReadAsync(new byte[16], enough.Token).AsTask());
        var write = InsideAsync(_socket.WriteAsync(new byte[8 * 1024 * 1024], enough.Token).AsTask());
        Assert.False(read.IsCompleted || write.IsCompleted);

        End();

        Assert.False(await read);
        Assert.False(await write);

        void End()
        {
            s_ending = true;
            if (cancels)
                enough.Cancel();
            else
                _socket.Dispose();
            s_ending = false;
        }

        static async Task<bool> InsideAsync(Task waiting)
        {
            await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return s_ending;
        }
    }

    /// <summary>As the kernel does it for a process that is killed: the framework would say first that it ends.</summary>
    [Fact]
    public async Task Read_MayLeaveNothing_PeerOfAKilledProcessHearsThatAllWasRead()
    {
        var (socket, handle, peer) = await ConnectBareAsync(leaves: false);
        var read = socket.ReadAsync(new byte[16], Cancel).AsTask();
        await peer.SendAsync("abc"u8.ToArray(), Cancel);
        Assert.Equal(3, await read);

        Assert.Equal(0, LinuxFiles.Close((int)handle.DangerousGetHandle()));
        // Its number may be another file's by now.
        handle.SetHandleAsInvalid();

        using (peer)
            Assert.Equal(0, await peer.ReceiveAsync(new byte[1], Cancel));
    }

    [Fact]
    public async Task Peek_SomethingCame_StaysThere()
    {
        var (socket, _, peer) = await ConnectBareAsync(leaves: false);
        await using var one = socket;
        using var other = peer;
        Assert.Equal(-1, socket.Peek(new byte[2]));
        await peer.SendAsync("abc"u8.ToArray(), Cancel);
        Assert.Equal(0, await socket.ReadAsync(Memory<byte>.Empty, Cancel));

        Assert.Equal(2, socket.Peek(new byte[2]));
        Assert.Equal(3, socket.Peek(new byte[16]));

        Assert.Equal(3, await socket.ReadAsync(new byte[16], Cancel));
    }

    [Fact]
    public async Task Release_Waited_SocketIsSomebodyElses()
    {
        var (socket, handle, peer) = await ConnectBareAsync(leaves: false);
        using var other = peer;
        await peer.SendAsync("abc"u8.ToArray(), Cancel);
        Assert.Equal(0, await socket.ReadAsync(Memory<byte>.Empty, Cancel));

        socket.Release();

        await socket.DisposeAsync();
        Assert.False(handle.IsClosed);
        Assert.Throws<ObjectDisposedException>(socket.Release);
        using var again = new Socket((SafeSocketHandle)handle);
        var buffer = new byte[16];
        Assert.Equal(3, await again.ReceiveAsync(buffer, Cancel));
        await again.SendAsync("def"u8.ToArray(), Cancel);
        Assert.Equal(3, await peer.ReceiveAsync(buffer, Cancel));
    }

    [Fact]
    public async Task Write_PeerIsGone_Fails()
    {
        _peer.Dispose();

        await Assert.ThrowsAsync<IOException>(async () => await _socket.WriteAsync(new byte[16], Cancel));
    }

    [Fact]
    public async Task Write_MoreThanFits_WaitsForThePeerToReadAllOfIt()
    {
        var sent = new byte[3 * 1024 * 1024 + 1];
        Random.Shared.NextBytes(sent);
        var write = _socket.WriteAsync(sent, Cancel).AsTask();
        Assert.False(write.IsCompleted);

        var read = new byte[sent.Length];
        await using (var stream = new NetworkStream(_peer))
            await stream.ReadExactlyAsync(read, Cancel);

        await write;
        Assert.Equal(sent, read);
    }

    [Fact]
    public async Task Write_WaitsAndIsCancelled_IsOver()
    {
        using var enough = new CancellationTokenSource();
        var write = _socket.WriteAsync(new byte[8 * 1024 * 1024], enough.Token).AsTask();

        await enough.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
    }

    /// <summary>Pieces of any size in both directions at once, over more sockets than a loop first has room for, with readers that come before and after.</summary>
    [Fact]
    public async Task ReadAndWrite_ManySocketsAtOnce_EverythingArrivesInOrder()
    {
        const int Size = 200_000;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async seed =>
        {
            var (socket, peer) = await ConnectAsync();
            await using var one = socket;
            await using var other = new NetworkStream(peer, ownsSocket: true);
            await Task.WhenAll(WriteAsync(one, seed), WriteAsync(other, seed + 1), CheckAsync(one, seed + 1), CheckAsync(other, seed));
        }));

        static async Task WriteAsync(Stream stream, int seed)
        {
            var random = new Random(seed);
            for (var at = 0; at < Size;)
            {
                var piece = new byte[Math.Min(random.Next(1, random.Next(2) == 0 ? 100 : 10_000), Size - at)];
                for (var i = 0; i < piece.Length; i++)
                    piece[i] = (byte)((at + i) * 31 + seed);
                await stream.WriteAsync(piece, Cancel);
                at += piece.Length;
                if (random.Next(4) == 0)
                    await Task.Yield();
            }
        }

        static async Task CheckAsync(Stream stream, int seed)
        {
            var random = new Random(seed);
            var buffer = new byte[10_000];
            for (var at = 0; at < Size;)
            {
                var count = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(random.Next(1, buffer.Length), Size - at)), Cancel);
                Assert.NotEqual(0, count);
                for (var i = 0; i < count; i++)
                    Assert.Equal((byte)((at + i) * 31 + seed), buffer[i]);
                at += count;
            }
        }
    }

    /// <summary>Keeps the thread that hears of the next socket from hearing of anything until the gate is open.</summary>
    private async Task<(PolledSocket Socket, Socket Peer)> HoldLoopAsync(ManualResetEventSlim gate)
    {
        var (socket, peer) = await ConnectAsync();
        var holds = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = HoldAsync();
        await peer.SendAsync(new byte[1], Cancel);
        await holds.Task;
        return (socket, peer);

        async Task HoldAsync()
        {
            await socket.ReadAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
            holds.SetResult();
            gate.Wait(Cancel);
        }
    }

    private async Task<(PolledSocket Socket, Socket Peer)> ConnectAsync()
    {
        var (socket, _, peer) = await ConnectBareAsync(leaves: true);
        return (socket, peer);
    }

    private async Task<(PolledSocket Socket, SafeHandle Handle, Socket Peer)> ConnectBareAsync(bool leaves)
    {
        var path = $"{_path}-{Guid.NewGuid():N}";
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path), Cancel);
        var peer = await listener.AcceptAsync(Cancel);
        File.Delete(path);
        return (new PolledSocket(client, _loops, leaves), client.SafeHandle, peer);
    }

    private async Task SendAsync(string text) => await _peer.SendAsync(System.Text.Encoding.ASCII.GetBytes(text), Cancel);

    private async Task<string> ReadOnceAsync(int most)
    {
        var buffer = new byte[most];
        return System.Text.Encoding.ASCII.GetString(buffer, 0, await _socket.ReadAsync(buffer, Cancel));
    }

    private async Task<string> ReadAsync(int count)
    {
        var buffer = new byte[count];
        await _socket.ReadExactlyAsync(buffer, Cancel);
        return System.Text.Encoding.ASCII.GetString(buffer);
    }
}
