using System.Diagnostics;
using Fn.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Telemetry;

/// <summary>The server makes a span of its own for each request as soon as it may log anything of it.</summary>
public sealed class RequestActivityTests
{
    [Theory]
    [InlineData(null, "no")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore", "yes")]
    public async Task Request_HasASpanOnlyWhereTheConfigurationAsksForItsLog(string? key, string expected)
    {
        var settings = key is null ? [] : new Dictionary<string, string?> { [key] = "Information" };
        await using var server = await LoopbackServer.StartAsync(
            services => services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider())),
            app => app.MapGet("/", context => context.Response.WriteAsync(Activity.Current is null ? "no" : "yes")),
            settings);
        using var http = new HttpClient();

        Assert.Equal(expected, await http.GetStringAsync(server.Address, TestContext.Current.CancellationToken));
    }
}
