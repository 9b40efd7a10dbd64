using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>By protobuf over HTTP/1.1.</summary>
public sealed class TelemetryOverHttpTests(TelemetryOverHttp shared) : TelemetryTests(shared), IClassFixture<TelemetryOverHttp>;
