using System.Net.Sockets;
using Fn.ServiceDefaults.Hosting;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Fn.Api.Store.Postgres;

/// <summary>
/// Brings the database to this version's tables before anything else of the process starts. Gateways that start at once do it one after another. A database
/// that is still coming up is waited for, for a while.
/// </summary>
internal sealed partial class PostgresStartup(
    IDbContextFactory<PostgresFnDbContext> contexts, IFunctionStore functions, TimeProvider time, ILogger<PostgresStartup> logger) : IHostedLifecycleService
{
    private const int Attempts = 10;

    /// <summary>The number of the lock under which migrations are done; any that nobody else uses in this database.</summary>
    private const long MigrationLock = 0x466e_4d69_6772_6174;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await MigrateAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (IsConnecting(e))
            {
                if (attempt == Attempts)
                    throw new FnStartException($"ConnectionStrings:fndb: the database cannot be reached: {e.GetBaseException().Message}", e);
                Log.Waiting(logger, e.GetBaseException().Message);
                await Task.Delay(BetweenAttempts, time, cancellationToken);
            }
            catch (PostgresException e)
            {
                throw new FnStartException($"ConnectionStrings:fndb: {e.MessageText}", e);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Has the look-up of a call compiled before the first call needs it: that takes longer than to start many a function.</summary>
    public Task StartedAsync(CancellationToken cancellationToken) => functions.FindFunctionWithAppAsync("", cancellationToken);

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task MigrateAsync(CancellationToken cancel)
    {
        await using var locking = contexts.CreateDbContext();
        // The lock is the session's: the connection stays open until it is given back, and it is gone with the process.
        await locking.Database.OpenConnectionAsync(cancel);
        await locking.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({MigrationLock})", cancel);
        try
        {
            await using var context = contexts.CreateDbContext();
            var database = context.Database;
            var applied = await database.GetAppliedMigrationsAsync(cancel);
            if (applied.Except(database.GetMigrations()).FirstOrDefault() is { } unknown)
                throw new FnStartException($"ConnectionStrings:fndb: the database was made by a newer version: this one does not know its migration {unknown}.");
            var pending = (await database.GetPendingMigrationsAsync(cancel)).Count();
            if (pending == 0)
                return;
            await database.MigrateAsync(cancel);
            Log.Migrated(logger, pending);
        }
        finally
        {
            await locking.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({MigrationLock})", CancellationToken.None);
        }
    }

    // 57P03: the server is starting up.
    private static bool IsConnecting(Exception failure) => failure is SocketException or TimeoutException
        || failure is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow }
        || (failure is NpgsqlException and not PostgresException)
        || (failure is InvalidOperationException && failure.InnerException is not null && IsConnecting(failure.InnerException));

    private static partial class Log
    {
        [LoggerMessage(1011, LogLevel.Information, "Store migrated: {Count} migrations applied")]
        public static partial void Migrated(ILogger logger, int count);

        [LoggerMessage(1012, LogLevel.Warning, "The database is not there yet, and is tried again: {Reason}")]
        public static partial void Waiting(ILogger logger, string reason);
    }
}
