using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Fn.Api.Store.Postgres;

/// <summary>The store's tables in PostgreSQL.</summary>
internal sealed class PostgresFnDbContext(DbContextOptions<PostgresFnDbContext> options) : FnDbContext(options)
{
    protected override string ByteCollation => "C";

    public override WriteOutcome? ReadViolation(DbUpdateException failure) => (failure.InnerException as PostgresException)?.SqlState switch
    {
        PostgresErrorCodes.UniqueViolation => WriteOutcome.NotUnique,
        PostgresErrorCodes.ForeignKeyViolation => WriteOutcome.ParentMissing,
        _ => null,
    };

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<string>().HaveConversion<NulText>();
    }
}
