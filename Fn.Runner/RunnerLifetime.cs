using Fn.Runner.Calls;
using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.Runner.Identity;
using Fn.Runner.Resources;
using Microsoft.Extensions.Options;

namespace Fn.Runner;

/// <summary>
/// The runner's beginning and end. Before it serves: takes its identity and removes what dead runners left. When it is told to stop, and while its
/// listener still answers: refuses new calls, awaits those that run, ends the containers. A host in a hurry ends the waiting at once.
/// </summary>
internal sealed partial class RunnerLifetime(
    RunnerEngine engine,
    RunnerIdentity identity,
    SocketDirectories sockets,
    IEnumerable<IContainerDriver> drivers,
    MemoryLedger ledger,
    IOptions<RunnerOptions> options,
    TimeProvider time,
    ILogger<RunnerLifetime> logger,
    DrainNotice? notice = null) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var dead = identity.Acquire();
        foreach (var driver in drivers)
            await driver.RemoveLeftoversAsync(dead, cancellationToken);
        sockets.RemoveLeftovers(dead);
        identity.ReleaseDead();
        Log.Started(logger, identity.Id, ledger.Budget, string.Join(", ", drivers.Select(driver => driver.Name)));
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        Log.Draining(logger, options.Value.DrainTimeout.TotalSeconds);
        using var deadline = new CancellationTokenSource(options.Value.DrainTimeout, time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var drained = engine.DrainAsync();
        try
        {
            await Task.Delay(notice?.Least ?? TimeSpan.Zero, time, enough.Token);
            await drained.WaitAsync(enough.Token);
        }
        catch (OperationCanceledException) when (!drained.IsCompleted)
        {
            Log.DrainedInPart(logger);
        }
        catch (OperationCanceledException)
        {
            // Only the notice was cut short.
        }
        await engine.StopAsync();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(2020, LogLevel.Information, "Runner {RunnerId} has {MemoryBudget} bytes for containers; drivers: {Drivers}")]
        public static partial void Started(ILogger logger, string runnerId, long memoryBudget, string drivers);

        [LoggerMessage(2021, LogLevel.Information, "Draining: no new calls, up to {Seconds} s for those that run")]
        public static partial void Draining(ILogger logger, double seconds);

        [LoggerMessage(2022, LogLevel.Warning, "Calls were still running when the runner had to stop; they are broken off")]
        public static partial void DrainedInPart(ILogger logger);
    }
}
