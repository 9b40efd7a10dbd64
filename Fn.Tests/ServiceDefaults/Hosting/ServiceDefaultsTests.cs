using System.Net;
using System.Text;
using Fn.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Hosting;

public class ServiceDefaultsTests
{
    private readonly FakeLogCollector _logs = new();

    [Theory]
    [InlineData(HealthStatus.Healthy, HttpStatusCode.OK)]
    [InlineData(HealthStatus.Degraded, HttpStatusCode.OK)]
    [InlineData(HealthStatus.Unhealthy, HttpStatusCode.ServiceUnavailable)]
    public async Task Health_OneCheck_AnswersItsStatus(HealthStatus status, HttpStatusCode expected)
    {
        await using var app = await StartAsync([], builder => builder.Services.AddHealthChecks().AddCheck("store", () => new HealthCheckResult(status, "why")));

        using var answer = await GetAsync(app, "/health");

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            """{"status":"_","checks":{"self":{"status":"Healthy"},"store":{"status":"_","description":"why"}}}""".Replace("_", status.ToString(), StringComparison.Ordinal),
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Health_CheckThrows_DoesNotShowTheException()
    {
        await using var app = await StartAsync([], builder => builder.Services.AddHealthChecks().AddCheck("store", () => throw new InvalidOperationException("secret")));

        using var answer = await GetAsync(app, "/health");

        Assert.Equal("""{"status":"Unhealthy","checks":{"self":{"status":"Healthy"},"store":{"status":"Unhealthy"}}}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Alive_OtherCheckUnhealthy_IsHealthy()
    {
        await using var app = await StartAsync([], builder => builder.Services.AddHealthChecks().AddCheck("store", () => HealthCheckResult.Unhealthy()));

        using var answer = await GetAsync(app, "/alive");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"status":"Healthy","checks":{"self":{"status":"Healthy"}}}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(null, ConsoleLoggerQueueFullMode.DropWrite)]
    [InlineData("Wait", ConsoleLoggerQueueFullMode.Wait)]
    public async Task Console_NobodyReads_StopsNobodyUnlessAskedFor(string? asked, ConsoleLoggerQueueFullMode expected)
    {
        await using var app = await StartAsync(asked is null ? [] : [$"--Logging:Console:QueueFullMode={asked}"], builder => builder.Logging.AddConsole());

        Assert.Equal(expected, app.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.QueueFullMode);
    }

    [Fact]
    public async Task Headers_Latin1_PassBothWays()
    {
        await using var app = await StartAsync([]);
        app.MapGet("/echo", (HttpContext context) =>
        {
            context.Response.Headers["X-Name"] = context.Request.Headers["X-Name"];
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(app.Urls.First() + "/echo"));
        request.Headers.Add("X-Name", "Zoë");
        using var client = new HttpClient(new SocketsHttpHandler
        {
            RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        });

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("Zoë", Assert.Single(answer.Headers.GetValues("X-Name")));
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Headers_ManyWithinTheConfiguredSize_AreTaken()
    {
        await using var app = await StartAsync([], maxRequestHeaderSize: 2_000_000);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(app.Urls.First() + "/alive"));
        for (var i = 0; i < 200; i++)
            request.Headers.Add($"X-{i}", new string('x', 7_500));
        using var client = new HttpClient();

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("--urls=http://0.0.0.0:0")]
    [InlineData("--http_ports=0")]
    [InlineData("--Kestrel:Endpoints:Web:Url=http://[::]:0")]
    public async Task Start_BeyondLoopbackConfigured_ListensOnLoopbackAndWarns(string configured)
    {
        await using var app = await StartAsync([configured]);

        Assert.StartsWith("http://127.0.0.1:", Assert.Single(app.Urls), StringComparison.Ordinal);
        var warning = Assert.Single(_logs.GetSnapshot(), record => record.Level == LogLevel.Warning);
        Assert.Equal(900, warning.Id.Id);
        Assert.EndsWith("To open it, set Fn:Api:Tokens.", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_MayLeaveLoopback_ListensWhereConfigured()
    {
        await using var app = await StartAsync(["--urls=http://0.0.0.0:0"], mayLeaveLoopback: true);

        Assert.StartsWith("http://0.0.0.0:", Assert.Single(app.Urls), StringComparison.Ordinal);
        Assert.DoesNotContain(_logs.GetSnapshot(), record => record.Id.Id is 900 or 901);
    }

    [Fact]
    public async Task Start_EndpointThatThePlanDidNotSee_IsRefused()
    {
        var error = await Assert.ThrowsAsync<FnStartException>(() => StartAsync([], builder => builder.Configuration["Kestrel:Endpoints:Late:Url"] = "http://0.0.0.0:0"));

        Assert.Contains("0.0.0.0:0 is beyond loopback", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("--Logging:LogLevel:Microsoft.AspNetCore=Information", 1)]
    public async Task Request_Served_IsLoggedByTheFrameworkOnlyWhenAskedFor(string option, int expected)
    {
        await using (var app = await StartAsync([option]))
        {
            using var answer = await GetAsync(app, "/alive");
            // The framework logs the end of a request after its answer; once stopped, it has.
            await app.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, _logs.GetSnapshot().Count(record => record.Message.StartsWith("Request finished", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Development", "", HttpStatusCode.BadRequest)]
    [InlineData("Development", "--AllowedHosts=*", HttpStatusCode.OK)]
    [InlineData("Production", "", HttpStatusCode.OK)]
    public async Task Request_ForForeignHost_IsRefusedInDevelopment(string environment, string option, HttpStatusCode expected)
    {
        await using var app = await StartAsync(["--environment=" + environment, option]);

        using var answer = await GetAsync(app, "/alive", "fn.example.com");

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Request_OverHttp2_IsServed()
    {
        await using var app = await StartAsync(["--Kestrel:EndpointDefaults:Protocols=Http2"]);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(app.Urls.First() + "/alive")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (answer.StatusCode, answer.Version));
    }

    private async Task<WebApplication> StartAsync(string[] args, Action<WebApplicationBuilder>? configure = null, bool mayLeaveLoopback = false, int maxRequestHeaderSize = 32 * 1024)
    {
        var builder = WebApplication.CreateBuilder([.. args]);
        builder.Logging.ClearProviders().AddProvider(new FakeLoggerProvider(_logs));
        builder.AddServiceDefaults(new ServiceHosting
        {
            DefaultPort = 0,
            MayLeaveLoopback = mayLeaveLoopback,
            HowToOpen = "set Fn:Api:Tokens",
            MaxRequestHeaderSize = maxRequestHeaderSize,
        });
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapServiceDefaults();
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static async Task<HttpResponseMessage> GetAsync(WebApplication app, string path, string? host = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(app.Urls.First() + path));
        request.Headers.Host = host;
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
