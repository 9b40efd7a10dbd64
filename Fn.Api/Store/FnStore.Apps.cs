using Fn.Api.Apps;
using Fn.Api.Http;
using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store;

internal sealed partial class FnStore
{
    public async Task<IReadOnlyList<App>> ListAppsAsync(string? name, ListPage page, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        var apps = context.Apps.AsNoTracking();
        if (name is not null)
            apps = apps.Where(app => app.Name == name);
        if (page.After is { } after)
            apps = apps.Where(app => string.Compare(app.Name, after) > 0);
        return await apps.OrderBy(app => app.Name).Take(page.Size).ToListAsync(cancel);
    }

    public async Task<App?> FindAppAsync(string id, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        return await context.Apps.AsNoTracking().FirstOrDefaultAsync(app => app.Id == id, cancel);
    }

    public Task<WriteOutcome> AddAppAsync(App app, CancellationToken cancel) => AddAsync(app, OfApp(app.Id), cancel);

    public Task<WriteOutcome> ReplaceAppAsync(App app, CancellationToken cancel) =>
        ReplaceAsync(app with { RowVersion = app.RowVersion + 1 }, app.RowVersion, OfApp(app.Id), cancel);

    public async Task<bool> DeleteAppAsync(string id, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        return await DeleteAsync(context.Apps.Where(app => app.Id == id), OfApp(id), cancel);
    }

    private static StoreChange OfApp(string id) => new(StoreChangeKind.App, id);
}
