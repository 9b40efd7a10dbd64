using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Fn.Api.Store.Postgres;

/// <summary>
/// Used by <c>dotnet ef migrations add NAME --project Fn.Api --context PostgresFnDbContext --output-dir Store/Postgres/Migrations</c>, never by the gateway.
/// </summary>
internal sealed class PostgresDesignTimeFactory : IDesignTimeDbContextFactory<PostgresFnDbContext>
{
    public PostgresFnDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresFnDbContext>().UseNpgsql("Host=localhost").Options);
}
