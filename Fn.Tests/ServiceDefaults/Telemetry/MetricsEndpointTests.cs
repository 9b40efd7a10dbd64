using System.Net;
using Fn.ServiceDefaults.Hosting;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Telemetry;

/// <summary><c>/metrics</c>, over HTTP.</summary>
public sealed class MetricsEndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_FromThisMachine_IsPrometheusText()
    {
        await using var server = await StartAsync();
        using var http = new HttpClient();

        Assert.Contains("# TYPE", await http.GetStringAsync(new Uri(server.Address, "/metrics"), Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WithoutItsToken_Is401()
    {
        await using var server = await StartAsync(("Fn:Telemetry:MetricsTokens", "secret"));
        using var http = new HttpClient();

        using var answer = await http.GetAsync(new Uri(server.Address, "/metrics"), Cancel);

        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer"), (answer.StatusCode, answer.Headers.WwwAuthenticate.ToString()));
    }

    [Theory]
    [InlineData("Fn:Telemetry:Prometheus", "false")]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    public async Task Get_TurnedOff_Is404(string key, string value)
    {
        await using var server = await StartAsync((key, value));
        using var http = new HttpClient();

        using var answer = await http.GetAsync(new Uri(server.Address, "/metrics"), Cancel);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static Task<LoopbackServer> StartAsync(params (string Key, string Value)[] settings) =>
        LoopbackServer.StartAsync(_ => { }, app => app.MapServiceDefaults(), settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value));
}
