namespace Fn.ServiceDefaults.Http;

/// <summary>What differs between the hops that <see cref="InvokerFactory"/> serves.</summary>
public sealed class InvokerOptions
{
    /// <summary>Opens the connection; null: TCP to the request's host.</summary>
    public Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? ConnectCallback { get; init; }

    /// <summary>Most connections at once to one host. Default: no limit.</summary>
    public int MaxConnections { get; init; } = int.MaxValue;

    /// <summary>How long a request with <c>Expect: 100-continue</c> waits before it sends its body unasked. Default: for ever.</summary>
    public TimeSpan Expect100ContinueTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Largest block of answer headers in bytes, rounded up to KiB. Default: 64 KiB.</summary>
    public long MaxResponseHeaderSize { get; init; } = 64 * 1024;

    /// <summary>How long opening a connection may take. Default: for ever.</summary>
    public TimeSpan ConnectTimeout { get; init; } = Timeout.InfiniteTimeSpan;
}
