using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store.Sqlite;

/// <summary>The store's tables in SQLite.</summary>
internal sealed class SqliteFnDbContext(DbContextOptions<SqliteFnDbContext> options) : FnDbContext(options)
{
    // SQLite's extended result codes; the library names only the primary ones.
    private const int ForeignKeyConstraint = 787;
    private const int PrimaryKeyConstraint = 1555;
    private const int UniqueConstraint = 2067;

    protected override string ByteCollation => "BINARY";

    public override WriteOutcome? ReadViolation(DbUpdateException failure) => (failure.InnerException as SqliteException)?.SqliteExtendedErrorCode switch
    {
        UniqueConstraint or PrimaryKeyConstraint => WriteOutcome.NotUnique,
        ForeignKeyConstraint => WriteOutcome.ParentMissing,
        _ => null,
    };
}
