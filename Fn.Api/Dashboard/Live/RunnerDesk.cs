using Fn.Api.Placement;
using Fn.Api.Runners;

namespace Fn.Api.Dashboard.Live;

/// <summary>Takes orders for runners from whoever looks at the dashboard, and says in words what became of them.</summary>
internal sealed class RunnerDesk(ClusterView view, RunnerOrders orders)
{
    /// <param name="key">Id or address of the runner.</param>
    public Task<OrderAnswer> DrainAsync(string key) => AskAsync(key, async runner =>
        (await orders.DrainAsync(runner, CancellationToken.None), "It takes no more calls until its process is started again."));

    /// <param name="key">Id or address of the runner.</param>
    /// <param name="functionId">Whose idle containers are ended; null: all.</param>
    public Task<OrderAnswer> EvictAsync(string key, string? functionId) => AskAsync(key, async runner =>
    {
        var (outcome, evicted) = await orders.EvictAsync(runner, functionId, CancellationToken.None);
        return (outcome, evicted switch
        {
            0 => "There was no idle container to end.",
            1 => "1 idle container was ended.",
            _ => $"{evicted} idle containers were ended.",
        });
    });

    private async Task<OrderAnswer> AskAsync(string key, Func<RunnerView, Task<(OrderOutcome Outcome, string Done)>> ask)
    {
        if (Array.Find(view.Runners, runner => runner.Record?.Id == key || runner.Address == key) is not { } runner)
            return new OrderAnswer(false, "The runner is not there any more.");
        var (outcome, done) = await ask(runner);
        return outcome switch
        {
            OrderOutcome.Done => new OrderAnswer(true, done),
            OrderOutcome.NotReached => new OrderAnswer(false, $"The runner at {runner.Address} could not be reached. Is its process running?"),
            _ => new OrderAnswer(false, "The runner is not there any more."),
        };
    }
}

/// <summary>What became of an order, in words.</summary>
public sealed record OrderAnswer(bool Done, string Text);
