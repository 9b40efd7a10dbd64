using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Fn.Runner.Calls.Offers;
using Fn.Runner.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Fn.Runner.Calls.Http;

/// <summary>
/// Takes the connections of gateways from a TCP address and from the unix socket beside it. One whose first bytes announce whole offers is served past Kestrel
/// (docs/adr/0019), any other by it, as if it came from the TCP address.
/// </summary>
internal sealed class RunnerListener : IConnectionListener
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly HashSet<PolledSocket> _silent = [];
    private readonly Channel<ConnectionContext> _kestrels = Channel.CreateUnbounded<ConnectionContext>();
    private readonly Socket[] _sockets;
    private readonly EventLoops _loops;
    private readonly OfferConnections _offers;
    private readonly SocketConnectionContextFactory _contexts;
    private readonly TimeProvider _time;
    private readonly Task _accepting;
    private bool _ending;

    /// <param name="sockets">They listen; the TCP address first. Disposed with this.</param>
    /// <param name="loops">Tell of the connections until it is known whose they are, and of those for offers.</param>
    /// <param name="offers">Serve those for offers.</param>
    /// <param name="contexts">Make Kestrel's of the others. Disposed with this.</param>
    /// <param name="time">The clock.</param>
    public RunnerListener(Socket[] sockets, EventLoops loops, OfferConnections offers, SocketConnectionContextFactory contexts, TimeProvider time)
    {
        (_sockets, _loops, _offers, _contexts, _time) = (sockets, loops, offers, contexts, time);
        EndPoint = sockets[0].LocalEndPoint!;
        using var flow = SuppressedFlow.Begin();
        _accepting = Task.WhenAll(sockets.Select(AcceptAllAsync));
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _kestrels.Reader.WaitToReadAsync(cancellationToken) && _kestrels.Reader.TryRead(out var connection) ? connection : null;

    /// <summary>Takes no more connections, ends those for offers that have none, and awaits the others for as long as it may.</summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await EndAcceptingAsync();
        await _offers.EndIdleAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAcceptingAsync();
        _offers.EndAll();
        while (_kestrels.Reader.TryRead(out var connection))
            await connection.DisposeAsync();
        _contexts.Dispose();
    }

    private async Task EndAcceptingAsync()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        await _accepting;
        _kestrels.Writer.TryComplete();
        List<PolledSocket> silent;
        lock (_lock)
        {
            _ending = true;
            silent = [.. _silent];
        }
        foreach (var stream in silent)
            await stream.DisposeAsync();
    }

    private async Task AcceptAllAsync(Socket listening)
    {
        while (true)
        {
            try
            {
                Accepted(await listening.AcceptAsync());
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted })
            {
                return;
            }
            catch (SocketException e)
            {
                // One that has gone again was none. One for which there is no file left stays in the queue until there is.
                if (e.SocketErrorCode is not (SocketError.ConnectionAborted or SocketError.ConnectionReset))
                    await Task.Delay(Pause, _time);
            }
        }
    }

    private void Accepted(Socket socket)
    {
        try
        {
            if (socket.AddressFamily != AddressFamily.Unix)
                socket.NoDelay = true;
            _ = ServeAsync(socket, new PolledSocket(socket, _loops, leaves: false));
        }
        catch (SocketException)
        {
            // It has gone again.
            socket.Dispose();
        }
    }

    private async Task ServeAsync(Socket socket, PolledSocket stream)
    {
        try
        {
            await HeardAsync(stream);
            if (IsForOffers(stream))
            {
                await _offers.ServeAsync(stream);
                return;
            }
            stream.Release();
            var connection = _contexts.Create(socket);
            if (!_kestrels.Writer.TryWrite(connection))
                await connection.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It has gone before it said what it is for, or this has.
            await stream.DisposeAsync();
            socket.Dispose();
        }
    }

    /// <summary>Completes when there is something to read.</summary>
    private async ValueTask HeardAsync(PolledSocket stream)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ending, this);
            _silent.Add(stream);
        }
        try
        {
#pragma warning disable CA2022 // Of nothing: it waits for something.
            await stream.ReadAsync(Memory<byte>.Empty);
#pragma warning restore CA2022
        }
        finally
        {
            lock (_lock)
                _silent.Remove(stream);
        }
    }

    private static bool IsForOffers(PolledSocket stream)
    {
        Span<byte> first = stackalloc byte[OfferReader.AnnouncedIn];
        // A gateway writes the head of an offer at once. Should it have come in parts all the same, Kestrel understands it too.
        return stream.Peek(first) == first.Length && OfferReader.IsAnnounced(first);
    }
}
