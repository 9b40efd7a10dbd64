using System.Data.Common;
using Npgsql;
using Xunit;

namespace Fn.Tests.Api.Store.Postgres;

public sealed class PostgresStoreTests(PostgresGateway postgres) : FnStoreTests(postgres.Gateway), IClassFixture<PostgresGateway>
{
    protected override DbConnection OpenConnection()
    {
        var connection = new NpgsqlConnection(postgres.Address);
        connection.Open();
        return connection;
    }
}
