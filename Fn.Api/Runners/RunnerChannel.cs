using System.Net.Sockets;
using Fn.Runner.Containers;
using Fn.Runner.Formats.Http;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Runners;

/// <summary>
/// One connection to a runner, for one offer at a time whose body comes with it. It is the exchange by which runners call functions: what has to be known of a
/// connection for a call never to be sent twice is the same on both hops.
/// </summary>
internal sealed class RunnerChannel : HttpCallChannel
{
    private readonly Stream _connection;
    private readonly Socket? _socket;
    private readonly FunctionLink _link;
    private readonly string _host;
    private readonly ClusterKey _key;
    private readonly ITimer _giveUp;

    /// <param name="connection">The connection; disposed when it has come to its end, or with the channel.</param>
    /// <param name="host">Of the runner, as it stands in requests.</param>
    /// <param name="key">The cluster's key.</param>
    /// <param name="maxHeadSize">Largest head of an answer, in bytes.</param>
    /// <param name="giveBack">What is done with it when an offer's answer is over.</param>
    public RunnerChannel(Stream connection, string host, ClusterKey key, long maxHeadSize, Action<RunnerChannel> giveBack)
        : base(new AnswerLimits(MaxSize: null, maxHeadSize, TimeProvider.System, Ended: null))
    {
        (_connection, _socket, _key) = (connection, (connection as NetworkStream)?.Socket, key);
        _host = $"Host: {host}\r\n";
        GiveBack = () => giveBack(this);
        // A unix socket is reset when something in it was not read; TCP may be for other reasons.
        _link = new FunctionLink(connection, connection, TimeProvider.System, wholeRequests: true, unreadIsReset: connection is PolledSocket);
        _giveUp = TimeProvider.System.CreateTimer(
            static channel => ((RunnerChannel)channel!).GiveUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _ = EndConnectionAsync();
    }

    public override Task Broken => _link.Unusable;

    public override bool Reusable => _link.IsIdle;

    /// <summary>To be called when an offer's answer is over, whether it was read to its end or not.</summary>
    public Action GiveBack { get; }

    /// <summary>How many offers were begun.</summary>
    public long Offers { get; private set; }

    /// <summary>The runner that the offer is signed for.</summary>
    public string RunnerId { get; private set; } = "";

    /// <summary>Whether the runner has not answered for so long that it was given up.</summary>
    public bool GivenUp { get; private set; }

    /// <summary>Whether the end of the answer's body is marked: one that only the end of the connection delimits could be cut anywhere and look whole.</summary>
    public bool IsFramed { get; private set; }

    /// <summary>
    /// Whether the runner has not ended the connection while it was idle. Over TCP the kernel is asked, which may know of it before it is told here: a call that is
    /// sent then is lost. Past TCP it is not: sending it fails.
    /// </summary>
    public bool IsAlive()
    {
        try
        {
            return Reusable && _socket?.Poll(TimeSpan.Zero, SelectMode.SelectRead) != true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>To be called before an offer is sent.</summary>
    /// <param name="runnerId">The runner that it is signed for.</param>
    /// <param name="giveUpAfter">After how long without an answer the connection is ended; null: never.</param>
    public void Begin(string runnerId, TimeSpan? giveUpAfter)
    {
        Offers++;
        RunnerId = runnerId;
        if (giveUpAfter is { } after)
            _giveUp.Change(after, Timeout.InfiniteTimeSpan);
    }

    /// <summary>To be called when the head of the answer is here: what follows may take its time.</summary>
    public void Answered() => _giveUp.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Ends the connection, and whatever is under way on it.</summary>
    public void End()
    {
        _giveUp.Dispose();
        _link.Dispose();
    }

    public override ValueTask DisposeAsync()
    {
        End();
        return base.DisposeAsync();
    }

    protected override ValueTask<FunctionLink?> BeginAsync(Exchange exchange, CancellationToken cancel) =>
        ValueTask.FromResult(_link.TryBegin(exchange) ? _link : null);

    protected override long? WriteHead(MessageBuffer to, ExchangeRequest request)
    {
        var offer = request.Call;
        to.Append("POST " + RunnerWire.CallsPath);
        to.Append(offer.CallId);
        to.Append(" HTTP/1.1\r\n"u8);
        // Right there and nowhere else: the runner looks for it before it reads (docs/wire.md).
        if (Offers == 1)
            to.AppendField(RunnerWire.OfferWhole, "1");
        to.Append(_host);
        foreach (var (name, value) in OfferLines.Of(offer))
            to.AppendField(name, value);
        if (_key.IsSet && _key.SignRequest(RunnerId, "POST", RunnerWire.CallsPath + offer.CallId) is { } mac)
        {
            to.AppendField(RunnerWire.Mac, mac);
            to.AppendField(RunnerWire.MacRunner, RunnerId);
        }
        return offer.Body.Length;
    }

    protected override CallFailure? Judge(int status) => null;

    protected override void Noted(AnswerHead head) => IsFramed = head.Frame.IsDelimited;

    private void GiveUp()
    {
        GivenUp = true;
        _link.Dispose();
    }

    private async Task EndConnectionAsync()
    {
        await _link.Unusable;
        await _connection.DisposeAsync();
    }
}
