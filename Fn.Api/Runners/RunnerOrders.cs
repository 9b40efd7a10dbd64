using System.Text.Json;
using Fn.Api.Placement;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Runners;

/// <summary>What became of an order to a runner.</summary>
internal enum OrderOutcome
{
    Done,

    /// <summary>It is not there any more, or cannot be ordered anything.</summary>
    NotThere,

    NotReached,
}

/// <summary>Has runners do what an operator wants.</summary>
internal sealed partial class RunnerOrders(ILogger<RunnerOrders> logger)
{
    /// <summary>How long a runner may take to say that it does what it was asked; one that hangs never does.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public Task<OrderOutcome> DrainAsync(RunnerView runner, CancellationToken cancel) => AskAsync(runner, (control, enough) => control.DrainAsync(enough), cancel);

    /// <param name="runner">The runner.</param>
    /// <param name="functionId">Whose idle containers are ended; null: all.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<(OrderOutcome Outcome, int Evicted)> EvictAsync(RunnerView runner, string? functionId, CancellationToken cancel)
    {
        var evicted = 0;
        var outcome = await AskAsync(runner, async (control, enough) => evicted = await control.EvictIdleAsync(functionId, enough), cancel);
        return (outcome, evicted);
    }

    private async Task<OrderOutcome> AskAsync(RunnerView runner, Func<IRunnerControl, CancellationToken, Task> ask, CancellationToken cancel)
    {
        if (!runner.TryUse())
            return OrderOutcome.NotThere;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        enough.CancelAfter(Limit);
        try
        {
            if (runner.Runner is not IRunnerControl control)
                return OrderOutcome.NotThere;
            await ask(control, enough.Token);
            return OrderOutcome.Done;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException
            || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            Log.NotReached(logger, runner.Address, e);
            return OrderOutcome.NotReached;
        }
        finally
        {
            runner.EndUse();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1230, LogLevel.Warning, "Runner {Address} could not be reached")]
        public static partial void NotReached(ILogger logger, string address, Exception exception);
    }
}
