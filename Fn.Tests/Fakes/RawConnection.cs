using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fn.Tests.Fakes;

/// <summary>One end of a connection, over TCP or past it, whose every byte the test sees and sends.</summary>
internal sealed class RawConnection(Socket socket) : IDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly List<byte> _unread = [];

    public static async Task<RawConnection> ConnectAsync(EndPoint endpoint, CancellationToken cancel)
    {
        var socket = endpoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint, cancel);
        return new RawConnection(socket);
    }

    public async Task SendAsync(string latin1, CancellationToken cancel) => await SendAsync(Encoding.Latin1.GetBytes(latin1), cancel);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes, cancel)..];
    }

    /// <summary>Reads up to and including a text, as Latin-1.</summary>
    public async Task<string> ReadUntilAsync(string end, CancellationToken cancel)
    {
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. _unread]);
            var at = text.IndexOf(end, StringComparison.Ordinal);
            if (at >= 0)
            {
                _unread.RemoveRange(0, at + end.Length);
                return text[..(at + end.Length)];
            }
            if (!await FillAsync(cancel))
                throw new EndOfStreamException($"The connection ended after '{text}'.");
        }
    }

    /// <summary>Reads a head, up to the empty line.</summary>
    public Task<string> ReadHeadAsync(CancellationToken cancel) => ReadUntilAsync("\r\n\r\n", cancel);

    /// <summary>Reads so many bytes, as Latin-1.</summary>
    public async Task<string> ReadLatin1Async(int length, CancellationToken cancel)
    {
        while (_unread.Count < length)
        {
            if (!await FillAsync(cancel))
                throw new EndOfStreamException($"The connection ended {length - _unread.Count} bytes too early.");
        }
        var text = Encoding.Latin1.GetString([.. _unread[..length]]);
        _unread.RemoveRange(0, length);
        return text;
    }

    /// <summary>Reads to the connection's end, as Latin-1. A reset is an end too.</summary>
    public async Task<string> ReadToEndAsync(CancellationToken cancel)
    {
        while (await FillAsync(cancel))
        {
        }
        var text = Encoding.Latin1.GetString([.. _unread]);
        _unread.Clear();
        return text;
    }

    /// <summary>Hangs up; the other end sees the end of the stream.</summary>
    public void Close() => socket.Dispose();

    /// <summary>Hangs up at once; the other end sees a reset.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();

    private async Task<bool> FillAsync(CancellationToken cancel)
    {
        try
        {
            var count = await socket.ReceiveAsync(_buffer, cancel);
            _unread.AddRange(_buffer.AsSpan(0, count));
            return count > 0;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }
}
