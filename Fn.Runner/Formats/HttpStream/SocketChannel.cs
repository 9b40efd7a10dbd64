using System.Net.Sockets;
using Fn.Runner.Containers;
using Fn.Runner.Formats.Http;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.HttpStream;

/// <summary>
/// Calls over the socket that a function listens on. A function may close its connection between two calls; the next call opens another one, at most one
/// for each call.
/// </summary>
internal sealed class SocketChannel : HttpCallChannel
{
    private const string Target = "/call";
    private const string Host = "localhost";

    private readonly ListenerSocket _socket;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NetworkStream? _connection;
    private FunctionLink? _link;

    /// <param name="socket">The socket; disposed with the channel.</param>
    /// <param name="connection">The first connection.</param>
    /// <param name="options">Limits of answers.</param>
    /// <param name="time">The clock.</param>
    public SocketChannel(ListenerSocket socket, NetworkStream connection, CallOptions options, TimeProvider time)
        : base(options, new AnswerLimits(options.MaxResponseSize, time, Ended: null))
    {
        (_socket, _time) = (socket, time);
        Take(connection);
    }

    /// <summary>A lost connection is replaced, so only the end of the channel itself.</summary>
    public override Task Broken => _broken.Task;

    public override bool Reusable => IsWhole && !_broken.Task.IsCompleted;

    protected override FunctionLink? Current => _link;

    public override async ValueTask DisposeAsync()
    {
        _broken.TrySetResult();
        await base.DisposeAsync();
        DropConnection();
        _socket.Dispose();
    }

    protected override bool TryBegin(Exchange exchange)
    {
        if (_broken.Task.IsCompleted)
            return false;
        if (_link?.TryBegin(exchange) != true)
            DropConnection();
        return true;
    }

    protected override async ValueTask<Stream> ConnectAsync(Exchange? exchange, CancellationToken cancel)
    {
        if (exchange is null or { Dialled: true } or { Seen: true })
            throw new IOException("A connection is opened once for a call.");
        // The first connection was opened before there was a client to have it.
        if (_link?.TryAttach() is { } first)
            return first;
        exchange.Dialled = true;
        DropConnection();
        try
        {
            var link = Take(await _socket.ConnectAsync(cancel));
            if (link.TryBegin(exchange) && link.TryAttach() is { } stream)
                return stream;
            exchange.Lost = true;
            throw new IOException("The function closed its connection at once.");
        }
        catch (SocketException e)
        {
            exchange.Lost = true;
            throw new IOException("The function's socket cannot be connected to.", e);
        }
    }

    // What a lost connection did not see may be sent once more over a new one.
    protected override bool MaySendAgain(Exchange exchange) => !exchange.Dialled;

    protected override HttpRequestMessage CreateRequest(ExchangeRequest request, HttpContent content)
    {
        var call = request.Call;
        var message = RequestWriter.Create(HttpMethod.Post, Target, Host, content);
        // Always in chunks when there is a body, whatever the client's framing.
        if (call.Body.Length != 0)
            message.Headers.TransferEncodingChunked = true;
        RequestWriter.AddClientHeaders(message, call, IsPlatforms);
        RequestWriter.Add(message, RequestWriter.CallIdHeader, call.CallId);
        RequestWriter.Add(message, RequestWriter.DeadlineHeader, PlatformEnvironment.Deadline(request.Deadline));
        return message;
    }

    // The status is the FDK's own: the user's travels in a header.
    protected override CallFailure? Judge(HttpResponseMessage response) => (int)response.StatusCode switch
    {
        200 => null,
        502 => new CallFailure(CallError.FunctionFailed),
        504 => new CallFailure(CallError.FunctionTimedOut),
        _ => new CallFailure(CallError.InvalidStatus),
    };

    private static bool IsPlatforms(string name) =>
        name.Equals(RequestWriter.CallIdHeader, StringComparison.OrdinalIgnoreCase) || name.Equals(RequestWriter.DeadlineHeader, StringComparison.OrdinalIgnoreCase);

    private FunctionLink Take(NetworkStream connection)
    {
        _connection = connection;
        return _link = new FunctionLink(connection, connection, _time);
    }

    private void DropConnection()
    {
        _link?.Dispose();
        _connection?.Dispose();
        (_link, _connection) = (null, null);
    }
}
