using System.Net.Sockets;
using Fn.ServiceDefaults.Hosting;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Fn.Api.Store.Postgres;

/// <summary>Waits for the database and brings it to this version's tables before anything else of the process starts. Several gateways may start at once.</summary>
internal sealed partial class PostgresStartup(
    NpgsqlDataSource source, IDbContextFactory<PostgresFnDbContext> contexts, IFunctionStore functions, TimeProvider time, ILogger<PostgresStartup> logger)
    : IHostedLifecycleService
{
    /// <summary>How often a server that may be on its way up is tried, a second apart.</summary>
    public const int MostAttempts = 10;

    // Known to every version of the gateway: whoever holds it migrates.
    private const long MigrationLock = 0x466E_4D69_6772_6174;

    private readonly NpgsqlConnectionStringBuilder _address = new(source.ConnectionString);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await WaitForServerAsync(cancellationToken);
        await using var context = contexts.CreateDbContext();
        await context.Database.OpenConnectionAsync(cancellationToken);
        await CheckEncodingAsync((NpgsqlConnection)context.Database.GetDbConnection(), cancellationToken);
        // Two gateways that find an empty database would both make its first table, and one of them would fail. The lock belongs to the connection: a
        // gateway that dies here leaves nothing behind.
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({MigrationLock})", cancellationToken);
        try
        {
            await MigrateAsync(context, cancellationToken);
        }
        finally
        {
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({MigrationLock})", CancellationToken.None);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Has the look-up of a call compiled before the first call needs it: that takes longer than to start many a function.</summary>
    public Task StartedAsync(CancellationToken cancellationToken) => functions.FindFunctionWithAppAsync("", cancellationToken);

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WaitForServerAsync(CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancel);
                return;
            }
            catch (Exception e) when (e is NpgsqlException or SocketException)
            {
                var reason = e is PostgresException refused ? refused.MessageText : (e.InnerException ?? e).Message;
                if (attempt == MostAttempts || !MayComeUp(e))
                    throw new FnStartException($"{PostgresAddress.Key}: the database {_address.Database} on {_address.Host}:{_address.Port} cannot be opened: {reason}", e);
                Log.Waiting(logger, _address.Host, _address.Port, reason);
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancel);
            }
        }
    }

    // A server that answers "no" goes on doing so; one that does not answer, or is starting, may be on its way.
    private static bool MayComeUp(Exception failure) =>
        failure is not PostgresException answer || answer.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections;

    private static async Task CheckEncodingAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SHOW server_encoding", connection);
        if (await command.ExecuteScalarAsync(cancel) is not "UTF8" and var encoding)
            throw new FnStartException($"{PostgresAddress.Key}: the database's encoding is {encoding}; it has to be UTF8: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0.");
    }

    private async Task MigrateAsync(PostgresFnDbContext context, CancellationToken cancel)
    {
        var applied = await context.Database.GetAppliedMigrationsAsync(cancel);
        if (applied.Except(context.Database.GetMigrations()).FirstOrDefault() is { } unknown)
            throw new FnStartException($"{PostgresAddress.Key}: the database was made by a newer version: this one does not know its migration {unknown}.");
        var pending = (await context.Database.GetPendingMigrationsAsync(cancel)).Count();
        if (pending == 0)
            return;
        await context.Database.MigrateAsync(cancel);
        Log.Migrated(logger, pending);
    }

    private static partial class Log
    {
        [LoggerMessage(1010, LogLevel.Information, "Store migrated: {Count} migrations applied")]
        public static partial void Migrated(ILogger logger, int count);

        [LoggerMessage(1011, LogLevel.Warning, "Waiting for PostgreSQL on {Host}:{Port}: {Reason}")]
        public static partial void Waiting(ILogger logger, string? host, int port, string reason);
    }
}
