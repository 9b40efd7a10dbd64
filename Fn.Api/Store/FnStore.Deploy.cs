namespace Fn.Api.Store;

internal sealed partial class FnStore
{
    public async Task<WriteOutcome> DeployAsync(DeployedRows rows, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        var announced = new List<StoreChange>();
        if (rows.NewApp is { } app)
        {
            context.Add(app);
            announced.Add(OfApp(app.Id));
        }
        if (rows.NewFunction is { } made)
        {
            context.Add(made);
            announced.Add(OfFunction(made.Id));
        }
        if (rows.ChangedFunction is { } function)
        {
            Change(context, function with { RowVersion = function.RowVersion + 1 }, function.RowVersion);
            announced.Add(OfFunction(function.Id));
        }
        foreach (var trigger in rows.NewTriggers)
        {
            context.Add(trigger);
            announced.Add(OfTrigger(trigger.Id));
        }
        foreach (var trigger in rows.ChangedTriggers)
        {
            Change(context, trigger with { RowVersion = trigger.RowVersion + 1 }, trigger.RowVersion);
            announced.Add(OfTrigger(trigger.Id));
        }
        return await SaveAsync(context, announced, cancel);
    }
}
