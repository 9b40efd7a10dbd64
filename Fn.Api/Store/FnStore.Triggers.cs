using Fn.Api.Http;
using Fn.Api.Triggers;
using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store;

internal sealed partial class FnStore
{
    public async Task<IReadOnlyList<Trigger>> ListTriggersAsync(string appId, string? functionId, string? name, ListPage page, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        var triggers = context.Triggers.AsNoTracking().Where(trigger => trigger.AppId == appId);
        if (functionId is not null)
            triggers = triggers.Where(trigger => trigger.FunctionId == functionId);
        if (name is not null)
            triggers = triggers.Where(trigger => trigger.Name == name);
        if (page is { After: { } last, AfterId: { } id })
            triggers = triggers.Where(trigger => string.Compare(trigger.Name, last) > 0 || (trigger.Name == last && string.Compare(trigger.Id, id) > 0));
        else if (page.After is { } after)
            triggers = triggers.Where(trigger => string.Compare(trigger.Name, after) > 0);
        return await triggers.OrderBy(trigger => trigger.Name).ThenBy(trigger => trigger.Id).Take(page.Size).ToListAsync(cancel);
    }

    public async Task<Trigger?> FindTriggerAsync(string id, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        return await context.Triggers.AsNoTracking().FirstOrDefaultAsync(trigger => trigger.Id == id, cancel);
    }

    public async Task<Trigger?> FindTriggerBySourceAsync(string appId, string type, string source, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        return await context.Triggers.AsNoTracking()
            .FirstOrDefaultAsync(trigger => trigger.AppId == appId && trigger.Type == type && trigger.Source == source, cancel);
    }

    public Task<WriteOutcome> AddTriggerAsync(Trigger trigger, CancellationToken cancel) => AddAsync(trigger, OfTrigger(trigger.Id), cancel);

    public Task<WriteOutcome> ReplaceTriggerAsync(Trigger trigger, CancellationToken cancel) =>
        ReplaceAsync(trigger with { RowVersion = trigger.RowVersion + 1 }, trigger.RowVersion, OfTrigger(trigger.Id), cancel);

    public async Task<bool> DeleteTriggerAsync(string id, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        return await DeleteAsync(context.Triggers.Where(trigger => trigger.Id == id), OfTrigger(id), cancel);
    }

    private static StoreChange OfTrigger(string id) => new(StoreChangeKind.Trigger, id);
}
