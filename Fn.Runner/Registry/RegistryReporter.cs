using Fn.Runner.Slots;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Hosting;
using Fn.ServiceDefaults.Registry;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Registry;

/// <summary>
/// Tells the hot registry how this runner is: at once when something changes after a while of quiet, else at most every
/// <see cref="ClusterOptions.ReportInterval"/> with all that changed meanwhile; and at least every third of the lease, to keep it.
/// </summary>
internal sealed partial class RegistryReporter(
    IHotRegistry registry,
    ReportBuilder reports,
    PoolChanges changes,
    IRunnerAddress address,
    RegistryHealth health,
    IHostApplicationLifetime lifetime,
    FatalCondition fatal,
    IOptions<ClusterOptions> options,
    TimeProvider time,
    ILogger<RegistryReporter> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(2);

    private readonly ClusterOptions _options = options.Value;
    private bool _saidUnreachable;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            await ReportAsync(address.Get(), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (FnStartException e)
        {
            // Where it listens is known only once it does.
            fatal.Raise(e.Message);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!health.Has)
            return;
        using var patience = new CancellationTokenSource(FarewellTimeout, time);
        try
        {
            await registry.WithdrawAsync(reports.Describe(address.Get()), patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Its lease runs out by itself.
        }
    }

    /// <summary>Completes when the server listens: before that nobody could reach what is advertised.</summary>
    private async Task StartedAsync(CancellationToken stop)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (lifetime.ApplicationStarted.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), started))
            await started.Task.WaitAsync(stop);
    }

    private async Task ReportAsync(string at, CancellationToken stop)
    {
        var full = true;
        var heartbeat = _options.Lease / 3;
        while (true)
        {
            // Asked before the report is made: what changes while it is made rings again.
            var changed = changes.WaitAsync();
            if (!full)
                await WhenAsync(changed, heartbeat, stop);
            var outcome = await registry.ReportAsync(full ? reports.All(at) : reports.Changes(at), stop);
            full = outcome != ReportOutcome.Stored;
            Note(outcome != ReportOutcome.Unreachable, at);
            await Task.Delay(outcome == ReportOutcome.Unreachable ? RetryAfter : _options.ReportInterval, time, stop);
        }
    }

    private async Task WhenAsync(Task changed, TimeSpan atLatest, CancellationToken stop)
    {
        try
        {
            await changed.WaitAsync(atLatest, time, stop);
        }
        catch (TimeoutException)
        {
            // Nothing changed: the report is a heartbeat.
        }
    }

    private void Note(bool reached, string at)
    {
        if (reached && health.Note(true))
        {
            Log.Reported(logger, at);
            _saidUnreachable = false;
        }
        else if (!reached)
        {
            health.Note(false);
            if (!_saidUnreachable)
                Log.Unreachable(logger);
            _saidUnreachable = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2700, LogLevel.Information, "The registry knows this runner; gateways reach it at {Address}")]
        public static partial void Reported(ILogger logger, string address);

        [LoggerMessage(2701, LogLevel.Warning, "The registry is not reached; calls that come are served, and it is tried every second")]
        public static partial void Unreachable(ILogger logger);
    }
}
