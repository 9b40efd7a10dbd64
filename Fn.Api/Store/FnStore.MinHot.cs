using Fn.ServiceDefaults.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store;

internal sealed partial class FnStore
{
    // The annotations are JSON text, and keys stand in it as they are. An underscore matches any character, so this finds a few too many at worst.
    private const string HasMinHot = $"%\"{FunctionSpec.MinHotAnnotation}\"%";

    public async Task<IReadOnlyList<string>> ListMinHotAsync(MinHotScope scope, string? after, int size, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        var (app, from) = (scope.AppId ?? "", after ?? "");
        var ids = context.Database.SqlQuery<string>($"""
            SELECT f.id AS "Value" FROM fns f INNER JOIN apps a ON a.id = f.app_id
            WHERE (f.annotations LIKE {HasMinHot} OR a.annotations LIKE {HasMinHot}) AND ({app} = '' OR f.app_id = {app}) AND f.id > {from}
            """);
        if (scope.FunctionIds is { } some)
            ids = ids.Where(id => some.Contains(id));
        return await ids.OrderBy(id => id).Take(size).ToListAsync(cancel);
    }
}
