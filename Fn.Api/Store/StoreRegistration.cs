using Fn.Api.Store.Postgres;
using Fn.Api.Store.Sqlite;
using Fn.ServiceDefaults.Configuration;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Fn.Api.Store;

internal static class StoreRegistration
{
    private const string ConnectionName = "fndb";

    /// <summary>Adds the store: PostgreSQL when <c>ConnectionStrings:fndb</c> is given, else a SQLite file in <c>Fn:DataDirectory</c>.</summary>
    public static IServiceCollection AddStore(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddFnOptions<DataOptions>(DataOptions.Section);
        services.AddSingleton<StoreChanges>();
        services.AddSingleton<FnStore>();
        services.AddSingleton<IAppStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<IFunctionStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<IDeployStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<ITriggerStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddHealthChecks().AddCheck<StoreHealthCheck>("store");
        return configuration.GetConnectionString(ConnectionName) is { Length: > 0 } connection ? services.AddPostgres(connection) : services.AddSqlite();
    }

    private static IServiceCollection AddPostgres(this IServiceCollection services, string connection)
    {
        services.AddPooledDbContextFactory<PostgresFnDbContext>(options => options.UseNpgsql(connection).ConfigureWarnings(Quiet));
        services.AddSingleton<IDbContextFactory<FnDbContext>, PostgresContextFactory>();
        services.AddHostedService<PostgresStartup>();
        return services;
    }

    private static IServiceCollection AddSqlite(this IServiceCollection services)
    {
        services.AddSingleton<SqliteFile>();
        services.AddPooledDbContextFactory<SqliteFnDbContext>((provider, options) => options
            .UseSqlite(provider.GetRequiredService<SqliteFile>().ConnectionString)
            .AddInterceptors(BusyTimeout.Instance)
            .ConfigureWarnings(Quiet));
        services.AddSingleton<IDbContextFactory<FnDbContext>, SqliteContextFactory>();
        services.AddHostedService<SqliteStartup>();
        return services;
    }

    // Statements are no news, and a name that is taken is no error: what was not expected is logged once, by whoever handles the request.
    private static void Quiet(WarningsConfigurationBuilder warnings) => warnings.Log(
        (RelationalEventId.CommandExecuted, LogLevel.Debug),
        (RelationalEventId.CommandError, LogLevel.Debug),
        (RelationalEventId.AcquiringMigrationLock, LogLevel.Debug),
        (RelationalEventId.MigrationApplying, LogLevel.Debug),
        (CoreEventId.SaveChangesFailed, LogLevel.Debug));
}
