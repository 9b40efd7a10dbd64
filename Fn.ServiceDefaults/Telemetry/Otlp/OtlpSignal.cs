using Fn.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace Fn.ServiceDefaults.Telemetry.Otlp;

/// <summary>Where one signal is sent by OTLP, as OpenTelemetry's variables say: those of the signal win over the general ones.</summary>
/// <param name="Endpoint">Where to.</param>
/// <param name="Protocol">gRPC, or protobuf over HTTP.</param>
/// <param name="Headers">As the variable has them; null: none.</param>
/// <param name="Timeout">Milliseconds for one export; null: the exporter's own.</param>
internal sealed record OtlpSignal(Uri Endpoint, OtlpExportProtocol Protocol, string? Headers, int? Timeout)
{
    private const string General = "OTEL_EXPORTER_OTLP_";

    public static OtlpSignal? Traces(IConfiguration configuration) => Read(configuration, "TRACES");

    public static OtlpSignal? Metrics(IConfiguration configuration) => Read(configuration, "METRICS");

    public static OtlpSignal? Logs(IConfiguration configuration) => Read(configuration, "LOGS");

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
        var own = Value("ENDPOINT", general: false);
        if ((own ?? Value("ENDPOINT")) is not { } address)
            return null;
        var key = own is null ? General + "ENDPOINT" : $"{General}{signal}_ENDPOINT";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
            throw new FnStartException($"{key} is '{address}': allowed is an address, for instance http://localhost:4317");
        var protocol = Value("PROTOCOL") switch
        {
            null or "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            var other => throw new FnStartException($"{General}PROTOCOL is '{other}': allowed are grpc and http/protobuf"),
        };
        // Over HTTP the general endpoint is a base; one of a signal is taken as it is.
        if (own is null && protocol == OtlpExportProtocol.HttpProtobuf)
            endpoint = new Uri($"{address.TrimEnd('/')}/v1/{signal.ToLowerInvariant()}");
        return new OtlpSignal(endpoint, protocol, Value("HEADERS"), int.TryParse(Value("TIMEOUT"), out var timeout) && timeout > 0 ? timeout : null);

        string? Value(string name, bool general = true)
        {
            if (configuration[$"{General}{signal}_{name}"] is { Length: > 0 } value)
                return value;
            return general && configuration[General + name] is { Length: > 0 } common ? common : null;
        }
    }
}
