using Xunit;

namespace Fn.Tests.Api.Store;

/// <summary>Tests on a PostgreSQL server: one server for all of them.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresRuns : ICollectionFixture<PostgresServer>
{
    public const string Name = "PostgreSQL";
}
