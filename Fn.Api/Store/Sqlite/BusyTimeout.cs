using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Fn.Api.Store.Sqlite;

/// <summary>Makes writers wait for each other inside SQLite, which wakes within milliseconds; without it the driver looks again every 150 ms.</summary>
internal sealed class BusyTimeout : DbConnectionInterceptor
{
    private const string Statement = "PRAGMA busy_timeout = 5000";

    public static BusyTimeout Instance { get; } = new();

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Statement;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Statement;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
