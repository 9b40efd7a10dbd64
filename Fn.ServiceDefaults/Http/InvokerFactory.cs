using System.Net;
using System.Text;

namespace Fn.ServiceDefaults.Http;

/// <summary>
/// Makes the HTTP client of the hop from gateway to runner. It passes on what it is given and does nothing by
/// itself: no cookies, redirects, proxies, decompression or tracing headers, and no connection is closed because it is old or idle.
/// </summary>
/// <remarks>
/// What the handler does by itself and no setting turns off: when a connection ends before the first byte of an answer, a request without a content
/// object, or one that still waits for <c>100 Continue</c>, is sent again. Callers guard against that.
/// </remarks>
public static class InvokerFactory
{
    public static HttpMessageInvoker Create(InvokerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                UseCookies = false,
                AllowAutoRedirect = false,
                UseProxy = false,
                AutomaticDecompression = DecompressionMethods.None,
                ActivityHeadersPropagator = null,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
                MaxConnectionsPerServer = options.MaxConnections,
                MaxResponseDrainSize = 0,
                ResponseDrainTimeout = TimeSpan.Zero,
                MaxResponseHeadersLength = (int)Math.Min((options.MaxResponseHeaderSize + 1023) / 1024, int.MaxValue / 1024),
                Expect100ContinueTimeout = options.Expect100ContinueTimeout,
                ConnectTimeout = options.ConnectTimeout,
                ConnectCallback = options.ConnectCallback,
                RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
                ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            },
            disposeHandler: true);
    }
}
