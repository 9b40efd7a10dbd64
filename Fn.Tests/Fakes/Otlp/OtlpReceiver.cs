using System.Buffers.Binary;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Fn.Tests.Fakes.Otlp;

/// <summary>Receives OTLP on real sockets: gRPC on one, protobuf over HTTP/1.1 on another. Keeps everything. Thread-safe.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly List<ReceivedSpan> _spans = [];
    private readonly List<ReceivedLog> _logs = [];
    private readonly Dictionary<(string Service, string Scope, string Name), ReceivedMetric> _metrics = [];
    private readonly WebApplication _app;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>For <c>OTEL_EXPORTER_OTLP_PROTOCOL=grpc</c>.</summary>
    public Uri Grpc { get; private set; } = null!;

    /// <summary>For <c>http/protobuf</c>.</summary>
    public Uri Http { get; private set; } = null!;

    /// <param name="grpcPort">The port for gRPC; 0: any.</param>
    public static async Task<OtlpReceiver> StartAsync(int grpcPort = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, grpcPort, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var receiver = new OtlpReceiver(builder.Build());
        receiver._app.Run(receiver.ReceiveAsync);
        await receiver._app.StartAsync();
        var urls = receiver._app.Urls.ToList();
        (receiver.Grpc, receiver.Http) = (new Uri(urls[0]), new Uri(urls[1]));
        return receiver;
    }

    /// <summary>Completes with the first span that fits, once it is here.</summary>
    public Task<ReceivedSpan> SpanAsync(Func<ReceivedSpan, bool> fits, string what) => WhenAsync(() => _spans.Find(span => fits(span)), what);

    /// <summary>Completes with the spans that fit once there are so many of them.</summary>
    public Task<List<ReceivedSpan>> SpansAsync(Func<ReceivedSpan, bool> fit, int count, string what) =>
        WhenAsync(() => _spans.FindAll(span => fit(span)) is { } found && found.Count >= count ? found : null, what);

    public Task<ReceivedLog> LogAsync(Func<ReceivedLog, bool> fits, string what) => WhenAsync(() => _logs.Find(log => fits(log)), what);

    /// <summary>Completes with the latest report of a metric, once one fits.</summary>
    public Task<ReceivedMetric> MetricAsync(string scope, string name, Func<ReceivedMetric, bool>? fits = null) =>
        WhenAsync(() => _metrics.Values.FirstOrDefault(metric => metric.Scope == scope && metric.Name == name && fits?.Invoke(metric) != false), $"the metric {name} of {scope}");

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<T> WhenAsync<T>(Func<T?> find, string what)
        where T : class
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (find() is { } found)
                    return found;
                more = _more.Task;
            }
            try
            {
                await more.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                lock (_lock)
                    Assert.Fail($"Waited in vain for {what}. There are:\n{string.Join('\n', _spans)}\n{string.Join('\n', _logs)}");
            }
        }
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var bytes = body.ToArray();
        var path = context.Request.Path.Value!;
        if (context.Request.ContentType == "application/grpc")
        {
            Take(path, bytes.AsMemory(5, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1))));
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[5], context.RequestAborted);
            context.Response.AppendTrailer("grpc-status", "0");
            return;
        }
        Take(path, bytes);
        context.Response.ContentType = "application/x-protobuf";
    }

    private void Take(string path, ReadOnlyMemory<byte> message)
    {
        lock (_lock)
        {
            if (path.EndsWith("TraceService/Export", StringComparison.Ordinal) || path == "/v1/traces")
                _spans.AddRange(OtlpReader.Spans(message.Span));
            else if (path.EndsWith("LogsService/Export", StringComparison.Ordinal) || path == "/v1/logs")
                _logs.AddRange(OtlpReader.Logs(message.Span));
            else
                OtlpReader.Metrics(message.Span).ForEach(metric => _metrics[(metric.Service, metric.Scope, metric.Name)] = metric);
            _more.SetResult();
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
