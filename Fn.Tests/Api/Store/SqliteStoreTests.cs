using System.Data.Common;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Fn.Tests.Api.Store;

public sealed class SqliteStoreTests(TestGateway gateway) : FnStoreTests(gateway), IClassFixture<TestGateway>
{
    private readonly string _file = Path.Combine(gateway.DataDirectory, "fn.db");

    protected override DbConnection OpenConnection()
    {
        var connection = new SqliteConnection($"Data Source={_file};Pooling=False");
        connection.Open();
        return connection;
    }
}
