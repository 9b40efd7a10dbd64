using System.Net;
using System.Net.Sockets;

namespace Fn.Tests.Fakes;

/// <summary>A TCP server whose connections the test plays by hand.</summary>
internal sealed class RawListener : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RawListener()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_socket.LocalEndPoint!).Port}/");

    public async Task<RawConnection> AcceptAsync(CancellationToken cancel) => new(await _socket.AcceptAsync(cancel));

    /// <summary>Whether another connection waits to be accepted.</summary>
    public bool HasPending => _socket.Poll(0, SelectMode.SelectRead);

    public void Dispose() => _socket.Dispose();
}
