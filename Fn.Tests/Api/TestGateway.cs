using Fn.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api;

/// <summary>The gateway as it runs, on a free loopback port, with a data directory of its own and a clock that stands still.</summary>
public sealed class TestGateway : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-test-");
    private readonly string[] _settings;
    private readonly Action<IServiceCollection>? _replace;
    private WebApplication? _app;

    public TestGateway()
        : this([])
    {
    }

    internal TestGateway(params string[] settings) => _settings = settings;

    /// <param name="replace">Puts services in the place of the gateway's own.</param>
    /// <param name="settings">Settings beside those that every gateway of a test has.</param>
    internal TestGateway(Action<IServiceCollection> replace, params string[] settings)
        : this(settings) => _replace = replace;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 2, 25, 9, 891, TimeSpan.Zero));

    internal RawClient Client { get; private set; } = null!;

    internal IServiceProvider Services => _app!.Services;

    internal string DataDirectory => _directory.FullName;

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Delete(recursive: true);
    }

    internal static async Task<TestGateway> StartedAsync(params string[] settings)
    {
        var gateway = new TestGateway(settings);
        await gateway.StartAsync();
        return gateway;
    }

    internal async Task StartAsync()
    {
        string[] settings = [$"--Fn:DataDirectory={DataDirectory}", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", .. _settings];
        _app = Program.Build(settings, services =>
        {
            services.AddSingleton<TimeProvider>(Time);
            _replace?.Invoke(services);
        });
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Client = new RawClient(new Uri(_app.Urls.Single()));
    }

    internal async Task StopAsync()
    {
        if (_app is null)
            return;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }
}
