using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store.Postgres;

/// <summary>Lets the store work on its tables without knowing that they are in PostgreSQL.</summary>
internal sealed class PostgresContextFactory(IDbContextFactory<PostgresFnDbContext> pool) : IDbContextFactory<FnDbContext>
{
    public FnDbContext CreateDbContext() => pool.CreateDbContext();
}
