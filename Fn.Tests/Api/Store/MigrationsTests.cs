using Fn.Api.Store;
using Fn.Api.Store.Postgres;
using Fn.Api.Store.Sqlite;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Fn.Tests.Api.Store;

/// <summary>A gateway does not ask at its start whether its migrations make the database that it works with: here it is asked.</summary>
public sealed class MigrationsTests
{
    [Fact]
    public void Migrations_Sqlite_MakeTheModel() => AssertWhole(new SqliteDesignTimeFactory().CreateDbContext([]));

    [Fact]
    public void Migrations_Postgres_MakeTheModel() => AssertWhole(new PostgresDesignTimeFactory().CreateDbContext([]));

    private static void AssertWhole(FnDbContext context)
    {
        using (context)
            Assert.False(context.Database.HasPendingModelChanges(), "dotnet ef migrations add NAME, for both databases");
    }
}
