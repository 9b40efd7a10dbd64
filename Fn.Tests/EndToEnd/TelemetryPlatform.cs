using System.Diagnostics;
using System.Text.Json.Nodes;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes.Otlp;
using Fn.Tests.Functions;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>A gateway and a runner in processes of their own that send their telemetry, at once, to a receiver in this one.</summary>
public abstract class TelemetryPlatform(string protocol) : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-test-");

    internal OtlpReceiver Receiver { get; private set; } = null!;

    internal Platform Platform { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Receiver = await OtlpReceiver.StartAsync();
        Platform = await Platform.StartAsync(
            1,
            $"OTEL_EXPORTER_OTLP_ENDPOINT={(protocol == "grpc" ? Receiver.Grpc : Receiver.Http)}",
            $"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}",
            "OTEL_BSP_SCHEDULE_DELAY=20",
            "OTEL_BLRP_SCHEDULE_DELAY=20",
            "OTEL_METRIC_EXPORT_INTERVAL=200",
            "OTEL_RESOURCE_ATTRIBUTES=deployment.environment=test",
            "--Logging:LogLevel:Fn.Function=Information",
            "--Fn:Runner:Memory=192MiB",
            "--Fn:Containers:StartTimeout=60s",
            "--Fn:Containers:MinResidency=0s");
    }

    public async ValueTask DisposeAsync()
    {
        await Platform.DisposeAsync();
        await Receiver.DisposeAsync();
        _directory.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Creates the faulty function, in the format whose containers say when they are ready.</summary>
    internal Task<string> CreateAsync(string name, int memoryMiB = 64, int timeout = 30, int idleTimeout = 300)
    {
        var config = new JsonObject();
        foreach (var (key, value) in FaultyFunction.Config)
            config[key] = value;
        return Platform.CreateAsync(name, FaultyFunction.Image, FunctionFormat.HttpStream, memoryMiB, timeout, idleTimeout, config);
    }

    /// <summary>Calls a function as a part of a trace.</summary>
    /// <param name="id">The function.</param>
    /// <param name="behaviour">What it shall do.</param>
    /// <param name="traceParent">What the client says of the trace, a line each.</param>
    /// <param name="detached">Whether not to wait for it.</param>
    internal async Task<(int Status, string Body, string CallId)> CallAsync(string id, string behaviour, IEnumerable<string> traceParent, bool detached = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/invoke/{id}") { Content = new StringContent("") };
        request.Headers.Add(FaultyFunction.Header, behaviour);
        foreach (var line in traceParent)
            request.Headers.TryAddWithoutValidation("traceparent", line);
        if (detached)
            request.Headers.Add("Fn-Invoke-Type", "detached");
        using var answer = await Platform.Http.SendAsync(request, Cancel);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel), answer.Headers.GetValues("Fn-Call-Id").First());
    }

    /// <summary>Has a function log a line, and lets it answer once the line was received: so it was read while the call ran.</summary>
    internal async Task<(int Status, string CallId, ReceivedLog Log)> SayAsync(string id, ClientTrace trace)
    {
        var received = Path.Combine(_directory.FullName, trace.Id);
        var calling = CallAsync(id, $"say {received}", trace.Sampled);
        var log = await Receiver.LogAsync(log => log.Body == $"heard at {received}?", "the function's line");
        await File.WriteAllTextAsync(received, "", Cancel);
        var (status, _, callId) = await calling;
        return (status, callId, log);
    }
}

/// <summary>By gRPC.</summary>
public sealed class TelemetryOverGrpc() : TelemetryPlatform("grpc");

/// <summary>By protobuf over HTTP/1.1.</summary>
public sealed class TelemetryOverHttp() : TelemetryPlatform("http/protobuf");

/// <summary>A trace that a test's client began.</summary>
internal sealed class ClientTrace
{
    public string Id { get; } = ActivityTraceId.CreateRandom().ToHexString();

    public string SpanId { get; } = ActivitySpanId.CreateRandom().ToHexString();

    public IEnumerable<string> Sampled => [$"00-{Id}-{SpanId}-01"];

    public IEnumerable<string> Unsampled => [$"00-{Id}-{SpanId}-00"];
}
