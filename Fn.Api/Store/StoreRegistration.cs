using Fn.Api.Store.Sqlite;
using Fn.ServiceDefaults.Configuration;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Fn.Api.Store;

internal static class StoreRegistration
{
    public static IServiceCollection AddStore(this IServiceCollection services)
    {
        services.AddFnOptions<DataOptions>(DataOptions.Section);
        services.AddSingleton<StoreChanges>();
        services.AddSingleton<FnStore>();
        services.AddSingleton<IAppStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<IFunctionStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<IDeployStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<ITriggerStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddHealthChecks().AddCheck<StoreHealthCheck>("store");
        return services.AddSqlite();
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
