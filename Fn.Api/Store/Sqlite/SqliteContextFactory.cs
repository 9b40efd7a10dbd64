using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store.Sqlite;

/// <summary>Lets the store work on its tables without knowing that they are in SQLite.</summary>
internal sealed class SqliteContextFactory(IDbContextFactory<SqliteFnDbContext> pool) : IDbContextFactory<FnDbContext>
{
    public FnDbContext CreateDbContext() => pool.CreateDbContext();
}
