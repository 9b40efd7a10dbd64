using Fn.Api.Functions;
using Fn.Api.Http;
using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store;

internal sealed partial class FnStore
{
    public async Task<IReadOnlyList<Function>> ListFunctionsAsync(string appId, string? name, ListPage page, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        var functions = context.Functions.AsNoTracking().Where(function => function.AppId == appId);
        if (name is not null)
            functions = functions.Where(function => function.Name == name);
        if (page.After is { } after)
            functions = functions.Where(function => string.Compare(function.Name, after) > 0);
        return await functions.OrderBy(function => function.Name).Take(page.Size).ToListAsync(cancel);
    }

    public async Task<Function?> FindFunctionAsync(string id, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        return await context.Functions.AsNoTracking().FirstOrDefaultAsync(function => function.Id == id, cancel);
    }

    public async Task<FunctionWithApp?> FindFunctionWithAppAsync(string id, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        var found = await context.Functions.AsNoTracking()
            .Where(function => function.Id == id)
            .Join(context.Apps.AsNoTracking(), function => function.AppId, app => app.Id, (function, app) => new { function, app })
            .FirstOrDefaultAsync(cancel);
        return found is null ? null : new FunctionWithApp(found.function, found.app);
    }

    public Task<WriteOutcome> AddFunctionAsync(Function function, CancellationToken cancel) => AddAsync(function, OfFunction(function.Id), cancel);

    public Task<WriteOutcome> ReplaceFunctionAsync(Function function, CancellationToken cancel) =>
        ReplaceAsync(function with { RowVersion = function.RowVersion + 1 }, function.RowVersion, OfFunction(function.Id), cancel);

    public async Task<bool> DeleteFunctionAsync(string id, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        return await DeleteAsync(context.Functions.Where(function => function.Id == id), OfFunction(id), cancel);
    }

    private static StoreChange OfFunction(string id) => new(StoreChangeKind.Function, id);
}
