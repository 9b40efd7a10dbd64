using System.Net.Sockets;
using Npgsql;

namespace Fn.Api.Store.Postgres;

/// <summary>
/// Announces what other gateways write to the same database: its triggers notify of every row, and the notifications of a transaction come when it is done.
/// This process's own writes come a second time, which does no harm.
/// </summary>
internal sealed partial class PostgresChangeFeed(NpgsqlDataSource source, StoreChanges changes, TimeProvider time, ILogger<PostgresChangeFeed> logger) : BackgroundService
{
    public const string Channel = "fn_changes";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>How long nothing may come before the connection is tried: a server that vanished sends no word.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or IOException or TimeoutException)
            {
                Log.Lost(logger, e.Message);
            }
            await Task.Delay(RetryDelay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        connection.Notification += (_, notification) => changes.Raise(Read(notification.Payload));
        await using (var listen = new NpgsqlCommand("LISTEN " + Channel, connection))
            await listen.ExecuteNonQueryAsync(stop);
        // What was written while nobody listened is not told.
        changes.Raise(StoreChange.Everything);
        while (true)
        {
            if (await connection.WaitAsync(Silence, stop))
                continue;
            await using var probe = new NpgsqlCommand("SELECT 1", connection);
            await probe.ExecuteNonQueryAsync(stop);
        }
    }

    /// <summary><c>TABLE:ID</c>, as the database's triggers write it.</summary>
    private static StoreChange Read(string payload) => payload.Split(':', 2) switch
    {
        ["apps", var id] => new StoreChange(StoreChangeKind.App, id),
        ["fns", var id] => new StoreChange(StoreChangeKind.Function, id),
        ["triggers", var id] => new StoreChange(StoreChangeKind.Trigger, id),
        _ => StoreChange.Everything,
    };

    private static partial class Log
    {
        [LoggerMessage(1012, LogLevel.Warning, "Other gateways' changes are not heard until PostgreSQL is reached again: {Reason}")]
        public static partial void Lost(ILogger logger, string reason);
    }
}
