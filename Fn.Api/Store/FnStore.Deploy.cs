using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store;

internal sealed partial class FnStore
{
    public async Task<WriteOutcome> DeployAsync(DeployedRows rows, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        try
        {
            return await context.Database.CreateExecutionStrategy().ExecuteAsync(() => DeployAsync(context, rows, cancel));
        }
        finally
        {
            // Not before it is committed: what is read in between would be kept.
            foreach (var change in ChangesOf(rows))
                changes.Raise(change);
        }
    }

    private static async Task<WriteOutcome> DeployAsync(FnDbContext context, DeployedRows rows, CancellationToken cancel)
    {
        // Empty but for a second try, which a commit may get whose connection broke after it was done: that comes out as stale or not unique, and who deploys
        // then looks again at what there is.
        context.ChangeTracker.Clear();
        await using var transaction = await context.Database.BeginTransactionAsync(cancel);
        // The sources of those that change are free before any is taken: triggers may swap theirs, or a new one take what another leaves. No source is an id.
        foreach (var trigger in rows.ChangedTriggers)
            await context.Triggers.Where(row => row.Id == trigger.Id).ExecuteUpdateAsync(row => row.SetProperty(t => t.Source, t => t.Id), cancel);
        Track(context, rows);
        var outcome = await SaveAsync(context, cancel);
        if (outcome == WriteOutcome.Done)
            await transaction.CommitAsync(cancel);
        return outcome;
    }

    private static void Track(FnDbContext context, DeployedRows rows)
    {
        if (rows.NewApp is { } app)
            context.Add(app);
        if (rows.NewFunction is { } made)
            context.Add(made);
        if (rows.ChangedFunction is { } function)
            Change(context, function with { RowVersion = function.RowVersion + 1 }, function.RowVersion);
        context.AddRange(rows.NewTriggers);
        foreach (var trigger in rows.ChangedTriggers)
            Change(context, trigger with { RowVersion = trigger.RowVersion + 1 }, trigger.RowVersion);
    }

    private static IEnumerable<StoreChange> ChangesOf(DeployedRows rows)
    {
        if (rows.NewApp is { } app)
            yield return OfApp(app.Id);
        if ((rows.NewFunction ?? rows.ChangedFunction) is { } function)
            yield return OfFunction(function.Id);
        foreach (var trigger in rows.NewTriggers.Concat(rows.ChangedTriggers))
            yield return OfTrigger(trigger.Id);
    }
}
