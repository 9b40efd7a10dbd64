using System.Net;
using System.Text;

namespace Fn.ServiceDefaults.Http;

/// <summary>
/// Makes the HTTP clients of both hops. They carry calls that must not be executed twice and bodies that are not theirs, so everything that a client does
/// of its own accord is off: cookies, redirects, proxies, decompression, tracing headers, draining, and closing what is idle.
/// </summary>
/// <remarks>
/// What cannot be turned off: a request without content is sent again when its connection ends before the first byte of the answer. So requests always
/// carry a content object, if an empty one.
/// </remarks>
public static class InvokerFactory
{
    public static HttpMessageInvoker Create(InvokerOptions options) =>
        new(
            new SocketsHttpHandler
            {
                ConnectCallback = options.Connect,
                UseCookies = false,
                AllowAutoRedirect = false,
                UseProxy = false,
                AutomaticDecompression = DecompressionMethods.None,
                ActivityHeadersPropagator = null,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
                ConnectTimeout = Timeout.InfiniteTimeSpan,
                MaxConnectionsPerServer = options.MaxConnections,
                MaxResponseDrainSize = 0,
                ResponseDrainTimeout = TimeSpan.Zero,
                MaxResponseHeadersLength = (int)Math.Min((options.MaxResponseHeaderSize + 1023) / 1024, int.MaxValue / 1024),
                Expect100ContinueTimeout = options.Expect100ContinueTimeout,
                RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
                ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            },
            disposeHandler: true);
}
