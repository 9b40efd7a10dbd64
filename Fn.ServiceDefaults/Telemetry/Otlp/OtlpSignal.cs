using Fn.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;

namespace Fn.ServiceDefaults.Telemetry.Otlp;

/// <summary>Where one signal is sent by OTLP, as OpenTelemetry's variables say: those of the signal win over the general ones.</summary>
/// <param name="Endpoint">Where to.</param>
/// <param name="Protocol">gRPC, or protobuf over HTTP.</param>
/// <param name="Headers">As the variable has them; null: none.</param>
/// <param name="Timeout">Milliseconds for one export; null: the exporter's own.</param>
internal sealed partial record OtlpSignal(Uri Endpoint, OtlpExportProtocol Protocol, string? Headers, int? Timeout)
{
    private const string General = "OTEL_EXPORTER_OTLP_";
    private const string Json = "http/json";
    private static readonly string[] Signals = ["TRACES", "METRICS", "LOGS"];

    public static OtlpSignal? Traces(IConfiguration configuration) => Read(configuration, "TRACES");

    public static OtlpSignal? Metrics(IConfiguration configuration) => Read(configuration, "METRICS");

    public static OtlpSignal? Logs(IConfiguration configuration) => Read(configuration, "LOGS");

    /// <summary>
    /// Warns, once for all signals, where JSON was asked for. It is a value that OpenTelemetry knows and .NET's exporters do not; it may be there for other
    /// services, and a receiver that takes JSON takes protobuf at the same address.
    /// </summary>
    public static void SayWhatIsNotSpoken(IConfiguration configuration, ILogger logger)
    {
        var asked = Signals.Where(signal => Read(configuration, signal) is not null).Select(signal => KeyOf(configuration, signal, "PROTOCOL"))
            .FirstOrDefault(key => key is not null && configuration[key] == Json);
        if (asked is not null)
            Log.NoJson(logger, asked);
    }

    public OtlpExporterOptions ToOptions()
    {
        var options = new OtlpExporterOptions { Protocol = Protocol, Endpoint = Endpoint };
        if (Headers is not null)
            options.Headers = Headers;
        if (Timeout is { } timeout)
            options.TimeoutMilliseconds = timeout;
        return options;
    }

    /// <summary>Null: the signal is not sent.</summary>
    private static OtlpSignal? Read(IConfiguration configuration, string signal)
    {
        if (string.Equals(configuration[$"OTEL_{signal}_EXPORTER"], "none", StringComparison.OrdinalIgnoreCase))
            return null;
        var key = KeyOf(configuration, signal, "ENDPOINT");
        if (key is null)
            return null;
        var address = configuration[key]!;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
            throw new FnStartException($"{key} is '{address}': allowed is an address, for instance http://localhost:4317");
        var protocol = Value("PROTOCOL") switch
        {
            null or "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" or Json => OtlpExportProtocol.HttpProtobuf,
            var other => throw new FnStartException($"{KeyOf(configuration, signal, "PROTOCOL")} is '{other}': allowed are grpc and http/protobuf"),
        };
        // Over HTTP the general endpoint is a base; one of a signal is taken as it is.
        if (key == General + "ENDPOINT" && protocol == OtlpExportProtocol.HttpProtobuf)
            endpoint = new Uri($"{address.TrimEnd('/')}/v1/{signal.ToLowerInvariant()}");
        return new OtlpSignal(endpoint, protocol, Value("HEADERS"), int.TryParse(Value("TIMEOUT"), out var timeout) && timeout > 0 ? timeout : null);

        string? Value(string name) => KeyOf(configuration, signal, name) is { } from ? configuration[from] : null;
    }

    /// <summary>The variable that decides: the signal's own, else the general one; null: neither is set.</summary>
    private static string? KeyOf(IConfiguration configuration, string signal, string name) =>
        Array.Find([$"{General}{signal}_{name}", General + name], key => configuration[key] is { Length: > 0 });

    private static partial class Log
    {
        [LoggerMessage(912, LogLevel.Warning, "{Variable} is 'http/json', which is not spoken: telemetry is sent by http/protobuf to the same address. Allowed are grpc and http/protobuf")]
        public static partial void NoJson(ILogger logger, string variable);
    }
}
