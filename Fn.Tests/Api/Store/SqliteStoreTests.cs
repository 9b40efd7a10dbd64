using System.Data.Common;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Fn.Tests.Api.Store;

public sealed class SqliteStoreTests(TestGateway gateway) : StoreConformance(gateway), IClassFixture<TestGateway>
{
    private protected override DbConnection Connect() => new SqliteConnection($"Data Source={Path.Combine(Gateway.DataDirectory, "fn.db")};Pooling=False");
}
