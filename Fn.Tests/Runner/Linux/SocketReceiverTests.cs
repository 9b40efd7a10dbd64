using System.Net.Sockets;
using Fn.Runner.Linux;
using Xunit;

namespace Fn.Tests.Runner.Linux;

/// <summary>What is read and left with the kernel, seen from the peer: it has room for more only once that was taken.</summary>
public sealed class SocketReceiverTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"fn-receiver-{Guid.NewGuid():N}");
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket _peer;
    private readonly SocketReceiver _receiver;
    private readonly byte[] _buffer = new byte[4 * SocketReceiver.MostLeft];

    public SocketReceiverTests()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_path));
        listener.Listen();
        _socket.Connect(new UnixDomainSocketEndPoint(_path));
        _peer = listener.Accept();
        _peer.Blocking = false;
        _receiver = new SocketReceiver(_socket.SafeHandle, leaves: true);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _peer.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void ReceiveAndLeave_PeerHasFilledItsRoom_HasRoomOnceItIsTaken()
    {
        var sent = 0;
        while (TrySend(1))
            sent++;

        Assert.Equal(sent, _receiver.ReceiveAndLeave(_buffer));
        Assert.True(_receiver.HasLeft);
        Assert.False(TrySend(1));

        _receiver.Take();

        Assert.False(_receiver.HasLeft);
        Assert.True(TrySend(1));
    }

    [Fact]
    public void ReceiveAndLeave_PieceAfterPiece_LeavesNoMoreThanItMay()
    {
        for (var i = 1; i <= 4; i++)
        {
            Assert.True(TrySend(SocketReceiver.MostLeft / 4));
            Assert.Equal(SocketReceiver.MostLeft / 4, _receiver.ReceiveAndLeave(_buffer));
            Assert.True(_receiver.HasLeft);
        }

        Assert.True(TrySend(1));
        Assert.Equal(1, _receiver.ReceiveAndLeave(_buffer));

        Assert.False(_receiver.HasLeft);
        Assert.Equal(-1, _receiver.ReceiveAndLeave(_buffer));
    }

    [Fact]
    public void Receive_SomethingIsLeft_ReadsWhatComesAfterIt()
    {
        _peer.Send("abc"u8);
        Assert.Equal(3, _receiver.ReceiveAndLeave(_buffer));
        _peer.Send("de"u8);

        Assert.Equal(2, _receiver.Receive(_buffer));

        Assert.Equal("de"u8, _buffer.AsSpan(0, 2));
        Assert.False(_receiver.HasLeft);
    }

    /// <param name="first">Bytes of the first answer.</param>
    /// <param name="leaves">Whether a small one after that is left.</param>
    [Theory]
    [InlineData(10, true)]
    [InlineData(SocketReceiver.MostLeft - 100, true)]
    [InlineData(SocketReceiver.MostLeft + 1, false)]
    public void ReceiveAndLeave_AnswerAfterAnother_IsTakenForAsMuchAsThatOne(int first, bool leaves)
    {
        Exchange(first);
        Exchange(10);
        Assert.Equal(leaves, _receiver.HasLeft);

        // By then the one before it was small.
        Exchange(10);
        Assert.True(_receiver.HasLeft);
    }

    private void Exchange(int size)
    {
        _receiver.Sends();
        Assert.True(TrySend(size));
        Assert.Equal(size, _receiver.ReceiveAndLeave(_buffer));
    }

    private bool TrySend(int size) => _peer.Send(new byte[size], SocketFlags.None, out var error) == size && error == SocketError.Success;
}
