namespace Fn.Api.Runners;

/// <summary>
/// One attempt to offer one call whose body is streamed: knows how far it got, whatever the HTTP client does by itself. That is what decides between
/// <i>not placed</i> (may be offered again) and <i>lost</i> (never again).
/// </summary>
/// <remarks>
/// The client does not say on which connection it sends a request. Everything it writes for a request it writes in the asynchronous flow of the caller,
/// though, so the connection finds the exchange there (<see cref="Current"/>).
/// </remarks>
#pragma warning disable CA1001 // The source has neither timer nor wait handle, so nothing to dispose; and a late reader of the body may still look at it.
internal sealed class OfferExchange
#pragma warning restore CA1001
{
    private static readonly AsyncLocal<OfferExchange?> Flow = new();

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopBody = new();
    private RunnerConnection? _connection;
    private AnswerWatch _watch;
    private int _dialled;
    private bool _connectionEnded;
    private bool _over;

    /// <summary>The exchange of this asynchronous flow.</summary>
    public static OfferExchange? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    /// <summary>True once a byte was written: from here on, silence proves nothing.</summary>
    public bool Begun => _connection is not null;

    /// <summary>True when the connection had served other calls before.</summary>
    public bool OnUsedConnection { get; private set; }

    /// <summary>
    /// True when the connection refused a part of the offer. A runner acts on whole offers only, so the call was not placed. Parts of a streamed body do
    /// not count: they follow the offer.
    /// </summary>
    public bool CutShort { get; private set; }

    /// <summary>True once the body was asked for.</summary>
    public bool BodyOpened { get; set; }

    /// <summary>What was wrong with the client's body, when it could not be read to its end.</summary>
    public Exception? BodyFailure { get; set; }

    /// <summary>Cancelled when sending more of the body is pointless.</summary>
    public CancellationToken StopBody => _stopBody.Token;

    /// <summary>True once the runner has begun its answer; the rest of the body is of no interest to it.</summary>
    public bool AnswerBegun
    {
        get
        {
            lock (_lock)
                return _watch.FinalBegun;
        }
    }

    /// <summary>
    /// Called before a connection is opened for this exchange. False when one was opened or used before: the HTTP client wants to send the call again.
    /// </summary>
    public bool TryDial() => Interlocked.Exchange(ref _dialled, 1) == 0 && !Begun;

    /// <summary>
    /// Called by a connection before it sends a byte for this exchange. False when one was sent before on another connection: the HTTP client wants to send
    /// the call again.
    /// </summary>
    public bool TryBegin(RunnerConnection connection, bool used)
    {
        if (_connection is not null)
            return ReferenceEquals(_connection, connection);
        _connection = connection;
        OnUsedConnection = used;
        return true;
    }

    /// <summary>Called by the connection when it could not send something.</summary>
    public void WriteFailed()
    {
        if (!BodyOpened)
            CutShort = true;
    }

    /// <summary>Called by the connection with what it received.</summary>
    public void Received(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_over || _watch.FinalBegun)
                return;
            _watch.Feed(bytes);
            if (!_watch.FinalBegun)
                return;
            Stop();
        }
    }

    /// <summary>Called by the connection when it has come to its end.</summary>
    public void ConnectionEnded()
    {
        lock (_lock)
        {
            if (_over || _connectionEnded)
                return;
            _connectionEnded = true;
            Stop();
        }
    }

    /// <summary>The exchange has its outcome. Its connection may live on.</summary>
    public void Finish()
    {
        lock (_lock)
            _over = true;
    }

    // On another thread: the reader of the body continues in the callback, and must not do so inside the read that led here. Nothing in the callbacks throws.
    private void Stop() => _ = _stopBody.CancelAsync();
}
