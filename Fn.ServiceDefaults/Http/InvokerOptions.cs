namespace Fn.ServiceDefaults.Http;

/// <summary>In what the two hops, gateway to runner and runner to container, differ.</summary>
public sealed class InvokerOptions
{
    /// <summary>Gives the stream of a new connection.</summary>
    public required Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> Connect { get; init; }

    /// <summary>Most connections to one host.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Largest block of answer headers in bytes; rounded up to KiB.</summary>
    public required long MaxResponseHeaderSize { get; init; }

    /// <summary>How long a request with <c>Expect: 100-continue</c> keeps its body back. Default: without limit.</summary>
    public TimeSpan Expect100ContinueTimeout { get; init; } = Timeout.InfiniteTimeSpan;
}
