using Fn.ServiceDefaults.Hosting;
using Fn.ServiceDefaults.Telemetry.Otlp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using OpenTelemetry.Exporter;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Telemetry;

/// <summary>OpenTelemetry's variables.</summary>
public sealed class OtlpSignalTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string TracesProtocol = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    [Fact]
    public void Traces_NothingConfigured_AreNotSent() => Assert.Null(OtlpSignal.Traces(Configuration()));

    [Theory]
    [InlineData("grpc", "http://collector:4317", "http://collector:4317/")]
    [InlineData("http/protobuf", "http://collector:4318", "http://collector:4318/v1/traces")]
    [InlineData("http/protobuf", "https://collector/otlp/", "https://collector/otlp/v1/traces")]
    public void Traces_GeneralEndpoint_IsTheBase(string protocol, string endpoint, string expected) =>
        Assert.Equal(expected, OtlpSignal.Traces(Configuration((Endpoint, endpoint), (Protocol, protocol)))!.Endpoint.AbsoluteUri);

    [Fact]
    public void Traces_EndpointOfTheirOwn_IsTakenAsItIsAndOtherSignalsAreNotSent()
    {
        var configuration = Configuration((TracesEndpoint, "http://traces:4318/here"), (TracesProtocol, "http/protobuf"), (Protocol, "grpc"));

        var traces = OtlpSignal.Traces(configuration)!;

        Assert.Equal(("http://traces:4318/here", OtlpExportProtocol.HttpProtobuf), (traces.Endpoint.AbsoluteUri, traces.Protocol));
        Assert.Null(OtlpSignal.Metrics(configuration));
        Assert.Null(OtlpSignal.Logs(configuration));
    }

    [Fact]
    public void Signals_HeadersAndTimeout_OwnOnesWin()
    {
        var configuration = Configuration(
            (Endpoint, "http://collector:4317"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=1"), ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "b=2"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "500"));

        Assert.Equal(("a=1", "b=2"), (OtlpSignal.Traces(configuration)!.Headers, OtlpSignal.Logs(configuration)!.Headers));
        var options = OtlpSignal.Logs(configuration)!.ToOptions();
        Assert.Equal(("b=2", 500), (options.Headers, options.TimeoutMilliseconds));
    }

    [Fact]
    public void Metrics_ExporterNone_AreNotSent() =>
        Assert.Null(OtlpSignal.Metrics(Configuration((Endpoint, "http://collector:4317"), ("OTEL_METRICS_EXPORTER", "none"))));

    [Theory]
    [InlineData(Endpoint, "collector:4317", "OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4317'")]
    [InlineData(TracesEndpoint, "nonsense", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is 'nonsense'")]
    [InlineData(Protocol, "json", "OTEL_EXPORTER_OTLP_PROTOCOL is 'json': allowed are grpc and http/protobuf")]
    [InlineData(TracesProtocol, "HTTP", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is 'HTTP': allowed are grpc and http/protobuf")]
    public void Traces_WrongValue_EndsTheStartWithALine(string key, string value, string expected)
    {
        var configuration = Configuration((Endpoint, "http://collector:4317"));
        configuration[key] = value;

        Assert.StartsWith(expected, Assert.Throws<FnStartException>(() => OtlpSignal.Traces(configuration)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Protocol)]
    [InlineData(TracesProtocol)]
    public void Traces_Json_AreSentAsProtobufWithAWarning(string key)
    {
        var log = new FakeLogger();
        var configuration = Configuration((Endpoint, "http://collector:4318"), (key, "http/json"));

        var traces = OtlpSignal.Traces(configuration)!;
        OtlpSignal.SayWhatIsNotSpoken(configuration, log);

        Assert.Equal(("http://collector:4318/v1/traces", OtlpExportProtocol.HttpProtobuf), (traces.Endpoint.AbsoluteUri, traces.Protocol));
        var said = Assert.Single(log.Collector.GetSnapshot());
        Assert.Equal(LogLevel.Warning, said.Level);
        Assert.Contains($"{key} is 'http/json'", said.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grpc", Endpoint)]
    [InlineData("http/json", "Unrelated")]
    public void SayWhatIsNotSpoken_NothingIsSentAsJson_SaysNothing(string protocol, string endpoint)
    {
        var log = new FakeLogger();

        OtlpSignal.SayWhatIsNotSpoken(Configuration((endpoint, "http://collector:4318"), (Protocol, protocol)), log);

        Assert.Equal(0, log.Collector.Count);
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
        .Build();
}
