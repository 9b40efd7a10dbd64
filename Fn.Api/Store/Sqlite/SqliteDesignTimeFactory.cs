using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Fn.Api.Store.Sqlite;

/// <summary>
/// Used by <c>dotnet ef migrations add NAME --project Fn.Api --context SqliteFnDbContext --output-dir Store/Sqlite/Migrations</c>, never by the gateway.
/// </summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteFnDbContext>
{
    public SqliteFnDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteFnDbContext>().UseSqlite("Data Source=:memory:").Options);
}
