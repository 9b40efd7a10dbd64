using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Fn.ServiceDefaults.Telemetry.Otlp;

/// <summary>
/// Sends what is left when the process stops, all three signals at the same time and not longer than <see cref="Longest"/>. The SDK does it one after the
/// other, up to 5 s each, after the host's own limit: with a receiver that does not answer, longer than whoever stops the process may wait.
/// </summary>
internal sealed class LastExport(IServiceProvider services) : IHostedLifecycleService
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>All services have stopped: there will be nothing more to send. What the SDK does when it is disposed finds it done.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        var limit = (int)Longest.TotalMilliseconds;
        return Task.WhenAll(
            Run(services.GetService<TracerProvider>(), traces => traces.Shutdown(limit)),
            Run(services.GetService<MeterProvider>(), metrics => metrics.Shutdown(limit)),
            Run(services.GetService<LoggerProvider>(), logs => logs.Shutdown(limit)));
    }

    /// <summary>They block, each on a thread of its own: the pool's may be few.</summary>
    private static Task Run<T>(T? provider, Action<T> shutdown)
        where T : class =>
        provider is null ? Task.CompletedTask : Task.Factory.StartNew(() => shutdown(provider), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
