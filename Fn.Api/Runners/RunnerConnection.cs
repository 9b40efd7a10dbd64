using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Fn.ServiceDefaults.IO;

namespace Fn.Api.Runners;

/// <summary>A connection to a runner for the framework's HTTP client. Tells each <see cref="OfferExchange"/> what became of its bytes, and lets none begin twice.</summary>
internal sealed class RunnerConnection(Stream inner) : DuplexStream
{
    private OfferExchange? _exchange;
    private bool _used;

    /// <summary>Opens a connection: to a runner on this machine past TCP, if it can be.</summary>
    public static async ValueTask<Stream> DialAsync(DnsEndPoint endpoint, CancellationToken cancel) =>
        await LocalRunner.TryConnectAsync(endpoint, cancel) ?? await DialTcpAsync(endpoint, cancel);

    /// <summary>Opens a TCP connection that notices a peer that vanished without a word.</summary>
    public static async ValueTask<Stream> DialTcpAsync(DnsEndPoint endpoint, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(endpoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var exchange = OfferExchange.Current;
        if (!ReferenceEquals(exchange, _exchange))
        {
            if (exchange?.TryBegin(this, _used) == false)
                return ValueTask.FromException(new IOException("A call is never sent twice."));
            _exchange = exchange;
        }
        _used = true;
        return exchange is null ? inner.WriteAsync(buffer, cancellationToken) : WriteAsync(exchange, buffer, cancellationToken);
    }

    // Always awaited here, even when the exchange does not look at what comes: the client reads ahead on idle connections, before there is an exchange.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch
        {
            _exchange?.ConnectionEnded();
            throw;
        }
        if (count > 0)
            _exchange?.Received(buffer.Span[..count]);
        else if (buffer.Length > 0)
            _exchange?.ConnectionEnded();
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _exchange?.ConnectionEnded();
            inner.Dispose();
        }
        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteAsync(OfferExchange exchange, ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException) when (exchange.AnswerBegun)
        {
            // The runner has answered before it had the whole body and hung up; its answer is here and counts.
        }
        catch
        {
            exchange.WriteFailed();
            throw;
        }
    }
}
