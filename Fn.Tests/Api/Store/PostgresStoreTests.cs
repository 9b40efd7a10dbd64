using System.Data.Common;
using Npgsql;
using Xunit;

namespace Fn.Tests.Api.Store;

[Collection(PostgresRuns.Name)]
public sealed class PostgresStoreTests(PostgresGateway gateway) : StoreConformance(gateway.Gateway), IClassFixture<PostgresGateway>
{
    private protected override DbConnection Connect() => new NpgsqlConnection(gateway.Connection);
}
