using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Hosting;

public class FnHostTests
{
    private readonly FakeLogCollector _logs = new();
    private readonly StringWriter _errors = new();

    [Fact]
    public async Task RunAsync_StoppedAfterStart_IsZero()
    {
        var code = await RunAsync(["--urls=http://127.0.0.1:0"], app => app.Lifetime.ApplicationStarted.Register(app.Lifetime.StopApplication));

        Assert.Equal(0, code);
        Assert.Equal("", _errors.ToString());
    }

    [Fact]
    public async Task RunAsync_SeveralSettingsWrong_IsOneAndALineEach()
    {
        var code = await RunAsync(["--Fn:Sample:Count=many", "--Fn:Sample:Cuont=1", "--Fn:Other:Count=-1"]);

        Assert.Equal(1, code);
        Assert.Equal(
            [
                "Fn:Other:Count is '-1': allowed is a whole number from 0 to 10, for instance 1",
                "Fn:Sample:Count is 'many': allowed is a whole number from 0 to 10, for instance 1",
                "Fn:Sample:Cuont is not known: is it Fn:Sample:Count?",
            ],
            Lines().Order(StringComparer.Ordinal));
        AssertNothingLoggedAsError();
    }

    [Fact]
    public async Task RunAsync_SectionAskedForWhileMapping_ReportsTheOtherSectionsToo()
    {
        var code = await RunAsync(
            ["--Fn:Sample:Count=many", "--Fn:Other:Count=-1"],
            app => _ = app.Services.GetRequiredService<IOptions<SampleOptions>>().Value);

        Assert.Equal(1, code);
        Assert.Equal(2, Lines().Length);
    }

    [Fact]
    public async Task RunAsync_AddressInUse_IsOneLine()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var code = await RunAsync([$"--urls=http://{taken.LocalEndpoint}"]);

        Assert.Equal(1, code);
        Assert.StartsWith($"Failed to bind to address http://{taken.LocalEndpoint}: address already in use.", Assert.Single(Lines()), StringComparison.Ordinal);
        AssertNothingLoggedAsError();
    }

    [Fact]
    public async Task RunAsync_AddressOfAnotherMachine_IsOneLine()
    {
        var code = await RunAsync(["--urls=http://192.0.2.1:9000"], mayLeaveLoopback: true);

        Assert.Equal(1, code);
        Assert.StartsWith("Failed to bind to a configured address:", Assert.Single(Lines()), StringComparison.Ordinal);
        AssertNothingLoggedAsError();
    }

    [Fact]
    public async Task RunAsync_BadUrl_IsOneLine()
    {
        var code = await RunAsync(["--urls=nonsense"]);

        Assert.Equal(1, code);
        Assert.StartsWith("urls has 'nonsense'", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ServiceRefusesToStart_IsItsLine()
    {
        var code = await RunAsync(["--urls=http://127.0.0.1:0"], start: () => throw new FnStartException("several gateways need ConnectionStrings:fndb"));

        Assert.Equal(1, code);
        Assert.Equal(["several gateways need ConnectionStrings:fndb"], Lines());
        AssertNothingLoggedAsError();
    }

    [Fact]
    public async Task RunAsync_ServiceRunsInBackgroundWhileAnotherRefuses_IsOneLine()
    {
        var code = await RunAsync(["--urls=http://127.0.0.1:0"], start: () => throw new FnStartException("no"), background: new UntilStopped());

        Assert.Equal(1, code);
        Assert.Equal(["no"], Lines());
        AssertNothingLoggedAsError();
    }

    [Fact]
    public async Task RunAsync_UnexpectedFailure_IsThrown() =>
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => RunAsync(["--urls=http://127.0.0.1:0"], start: () => throw new InvalidTimeZoneException()));

    [Fact]
    public async Task RunAsync_ToldToStopWhileStarting_IsZero()
    {
        WebApplication? application = null;

        var code = await RunAsync(
            ["--urls=http://127.0.0.1:0"],
            app => application = app,
            start: () =>
            {
                application!.Lifetime.StopApplication();
                throw new OperationCanceledException();
            });

        Assert.Equal(0, code);
    }

    [Fact]
    public async Task RunAsync_ErrorLoggedAfterStart_IsLogged()
    {
        await RunAsync(["--urls=http://127.0.0.1:0"], app =>
        {
            app.Lifetime.ApplicationStarted.Register(app.Lifetime.StopApplication);
            app.Lifetime.ApplicationStopped.Register(() => app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Microsoft.Extensions.Hosting.Internal.Host").LogError("later"));
        });

        Assert.Contains(_logs.GetSnapshot(), record => record.Message == "later");
    }

    private Task<int> RunAsync(string[] args, Action<WebApplication>? built = null, Action? start = null, bool mayLeaveLoopback = false, BackgroundService? background = null) => FnHost.RunAsync(
        () =>
        {
            var builder = WebApplication.CreateBuilder(args);
            builder.Logging.ClearProviders().AddProvider(new FakeLoggerProvider(_logs));
            builder.AddServiceDefaults(new ServiceHosting { DefaultPort = 0, MayLeaveLoopback = mayLeaveLoopback });
            builder.Services.AddFnOptions<SampleOptions>("Fn:Sample");
            builder.Services.AddFnOptions<OtherOptions>("Fn:Other");
            if (background is not null)
                builder.Services.AddHostedService(_ => background);
            if (start is not null)
                builder.Services.AddHostedService(_ => new StartAction(start));
            var app = builder.BuildChecked();
            built?.Invoke(app);
            return app;
        },
        _errors);

    private string[] Lines() => _errors.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private void AssertNothingLoggedAsError() => Assert.DoesNotContain(_logs.GetSnapshot(), record => record.Level >= LogLevel.Error);

    private sealed class StartAction(Action start) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class UntilStopped : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stoppingToken);
    }

    private sealed class SampleOptions
    {
        [Range(0, 10)]
        public int Count { get; set; } = 1;
    }

    private sealed class OtherOptions
    {
        [Range(0, 10)]
        public int Count { get; set; } = 1;
    }
}
