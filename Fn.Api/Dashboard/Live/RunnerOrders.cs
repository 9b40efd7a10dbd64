using System.Text.Json;
using Fn.Api.Placement;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Dashboard.Live;

/// <summary>What an operator has a runner do, with an answer in words.</summary>
internal sealed partial class RunnerOrders(ClusterView view, ILogger<RunnerOrders> logger)
{
    /// <summary>How long a runner may take to say that it does what it was asked; one that hangs never does.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public Task<OrderOutcome> DrainAsync(string key, CancellationToken cancel) => AskAsync(key, async (control, enough) =>
    {
        await control.DrainAsync(enough);
        return "It takes no more calls until its process is started again.";
    }, cancel);

    /// <param name="key">The runner.</param>
    /// <param name="functionId">Whose idle containers go; null: all.</param>
    /// <param name="cancel">Ends the wait.</param>
    public Task<OrderOutcome> EvictAsync(string key, string? functionId, CancellationToken cancel) => AskAsync(key, async (control, enough) =>
        await control.EvictIdleAsync(functionId, enough) switch
        {
            0 => "There was no idle container to end.",
            1 => "1 idle container was ended.",
            var count => $"{count} idle containers were ended.",
        }, cancel);

    private async Task<OrderOutcome> AskAsync(string key, Func<IRunnerControl, CancellationToken, Task<string>> ask, CancellationToken cancel)
    {
        var runner = Array.Find(view.Runners, runner => runner.Record?.Id == key || runner.Address == key);
        if (runner is null || !runner.TryUse())
            return new OrderOutcome(false, "The runner is not there any more.");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        enough.CancelAfter(Limit);
        try
        {
            return runner.Runner is IRunnerControl control
                ? new OrderOutcome(true, await ask(control, enough.Token))
                : new OrderOutcome(false, "The runner cannot be asked to do that.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            Log.NotReached(logger, runner.Address, e);
            return new OrderOutcome(false, $"The runner at {runner.Address} could not be reached. Is its process running?");
        }
        finally
        {
            runner.EndUse();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1311, LogLevel.Warning, "Runner {Address} could not be reached")]
        public static partial void NotReached(ILogger logger, string address, Exception exception);
    }
}

/// <summary>What came of an order.</summary>
public sealed record OrderOutcome(bool Done, string Text);
