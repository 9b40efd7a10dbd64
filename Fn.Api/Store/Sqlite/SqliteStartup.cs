using Fn.ServiceDefaults.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store.Sqlite;

/// <summary>Brings the database to this version's tables before anything else of the process starts.</summary>
internal sealed partial class SqliteStartup(
    SqliteFile file, IDbContextFactory<SqliteFnDbContext> contexts, IFunctionStore functions, ILogger<SqliteStartup> logger) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        file.Take();
        await using var context = contexts.CreateDbContext();
        var database = context.Database;
        await database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
        var applied = await database.GetAppliedMigrationsAsync(cancellationToken);
        if (applied.Except(database.GetMigrations()).FirstOrDefault() is { } unknown)
            throw new FnStartException($"Fn:DataDirectory: the database was made by a newer version: this one does not know its migration {unknown}.");
        var pending = (await database.GetPendingMigrationsAsync(cancellationToken)).Count();
        if (pending == 0)
            return;
        // Left behind by a process that was killed while it migrated, and then waited for without end. The file is ours, so nobody else migrates it now.
        await database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        await database.MigrateAsync(cancellationToken);
        Log.Migrated(logger, pending);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Has the look-up of a call compiled before the first call needs it: that takes longer than to start many a function.</summary>
    public Task StartedAsync(CancellationToken cancellationToken) => functions.FindFunctionWithAppAsync("", cancellationToken);

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1010, LogLevel.Information, "Store migrated: {Count} migrations applied")]
        public static partial void Migrated(ILogger logger, int count);
    }
}
