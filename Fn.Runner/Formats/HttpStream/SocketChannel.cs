using System.Net.Sockets;
using Fn.Runner.Containers;
using Fn.Runner.Formats.Http;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.HttpStream;

/// <summary>
/// Calls over the socket that a function listens on. A function may close its connection between two calls; the next call opens another one, at most one
/// for each call.
/// </summary>
internal sealed class SocketChannel : HttpCallChannel
{
    // How long before a function closes an idle connection, as it said it would, no call is sent over it any more: the two might cross.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private readonly ListenerSocket _socket;
    private readonly EventLoops _loops;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PolledSocket? _connection;
    private FunctionLink? _link;

    // How long the connection may have been idle, and since when it is at the earliest.
    private TimeSpan? _keepAlive;
    private long _answered;

    /// <param name="socket">The socket; disposed with the channel.</param>
    /// <param name="connection">The first connection.</param>
    /// <param name="loops">Tell of further ones.</param>
    /// <param name="options">Limits of answers.</param>
    /// <param name="time">The clock.</param>
    public SocketChannel(ListenerSocket socket, PolledSocket connection, EventLoops loops, CallOptions options, TimeProvider time)
        : base(new AnswerLimits(options.MaxResponseSize, options.MaxResponseHeaderSize, time, Ended: null))
    {
        (_socket, _loops, _time) = (socket, loops, time);
        Take(connection);
    }

    private static ReadOnlySpan<byte> Start => "POST /call HTTP/1.1\r\nHost: localhost\r\n"u8;

    /// <summary>A lost connection is replaced, so only the end of the channel itself.</summary>
    public override Task Broken => _broken.Task;

    public override bool Reusable => IsWhole && !_broken.Task.IsCompleted;

    public override async ValueTask DisposeAsync()
    {
        _broken.TrySetResult();
        await base.DisposeAsync();
        DropConnection();
        _socket.Dispose();
    }

    protected override ValueTask<FunctionLink?> BeginAsync(Exchange exchange, CancellationToken cancel)
    {
        if (_broken.Task.IsCompleted)
            return ValueTask.FromResult<FunctionLink?>(null);
        if (_link is { } link && !MayCloseAnyMoment() && link.TryBegin(exchange))
            return ValueTask.FromResult<FunctionLink?>(link);
        return DialAsync(exchange, cancel);
    }

    // What a lost connection did not see may be sent once more over a new one.
    protected override bool MaySendAgain(Exchange exchange) => !exchange.Dialled;

    protected override long? WriteHead(MessageBuffer to, ExchangeRequest request)
    {
        var call = request.Call;
        to.Append(Start);
        RequestWriter.AddClientHeaders(to, call, IsPlatforms);
        to.AppendField(RequestWriter.CallIdHeader, call.CallId);
        RequestWriter.AddDeadline(to, RequestWriter.DeadlineHeader, request.Deadline);
        // Always in chunks when there is a body, whatever the client's framing.
        return call.Body.Length == 0 ? 0 : null;
    }

    // The status is the FDK's own: the user's travels in a header.
    protected override CallFailure? Judge(int status) => status switch
    {
        200 => null,
        502 => new CallFailure(CallError.FunctionFailed),
        504 => new CallFailure(CallError.FunctionTimedOut),
        _ => new CallFailure(CallError.InvalidStatus),
    };

    protected override void Noted(AnswerHead head)
    {
        _keepAlive = head.KeepAlive;
        if (_keepAlive is not null)
            _answered = _time.GetTimestamp();
    }

    private static bool IsPlatforms(string name) =>
        name.Equals(RequestWriter.CallIdHeader, StringComparison.OrdinalIgnoreCase) || name.Equals(RequestWriter.DeadlineHeader, StringComparison.OrdinalIgnoreCase);

    private bool MayCloseAnyMoment() => _keepAlive is { } keepAlive && _time.GetElapsedTime(_answered) >= keepAlive - Margin;

    private async ValueTask<FunctionLink?> DialAsync(Exchange exchange, CancellationToken cancel)
    {
        exchange.Dialled = true;
        DropConnection();
        try
        {
            var link = Take(await _socket.ConnectAsync(_loops, cancel));
            return link.TryBegin(exchange) ? link : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private FunctionLink Take(PolledSocket connection)
    {
        _connection = connection;
        _keepAlive = null;
        return _link = new FunctionLink(connection, connection, _time);
    }

    private void DropConnection()
    {
        _link?.Dispose();
        _connection?.Dispose();
        (_link, _connection) = (null, null);
    }
}
