using Fn.Api.Store.Postgres;
using Fn.Api.Store.Sqlite;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Hosting;
using Fn.ServiceDefaults.Redis;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace Fn.Api.Store;

internal static class StoreRegistration
{
    /// <param name="services">Where to.</param>
    /// <param name="configuration">With all its sources: <c>ConnectionStrings:fndb</c> names a PostgreSQL database; without it the store is a SQLite file.</param>
    public static IServiceCollection AddStore(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddFnOptions<DataOptions>(DataOptions.Section);
        services.AddSingleton<StoreChanges>();
        services.AddSingleton<FnStore>();
        services.AddSingleton<IAppStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<IFunctionStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<IFunctionDirectory>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<IDeployStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<IMinHotStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<ITriggerStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddHealthChecks().AddCheck<StoreHealthCheck>("store");
        return configuration.GetConnectionString(PostgresAddress.Name) is { Length: > 0 } database
            ? services.AddPostgres(PostgresAddress.Parse(database).ConnectionString)
            : services.AddSqlite(configuration);
    }

    private static IServiceCollection AddSqlite(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<SqliteFile>();
        services.AddPooledDbContextFactory<SqliteFnDbContext>((provider, options) => options
            .UseSqlite(provider.GetRequiredService<SqliteFile>().ConnectionString)
            .AddInterceptors(BusyTimeout.Instance)
            .ConfigureWarnings(Quiet));
        services.AddSingleton<IDbContextFactory<FnDbContext>, SqliteContextFactory>();
        services.AddHostedService<SqliteStartup>();
        if (configuration.HasRedis())
        {
            services.AddHostedService(provider => new SoleGateway(
                provider.GetRequiredService<SqliteFile>(),
                provider.GetRequiredService<IConnectionMultiplexer>,
                provider.GetRequiredService<FatalCondition>(),
                provider.GetRequiredService<IOptions<ClusterOptions>>(),
                provider.GetRequiredService<TimeProvider>()));
        }
        return services;
    }

    private static IServiceCollection AddPostgres(this IServiceCollection services, string address)
    {
        services.AddSingleton(_ => NpgsqlDataSource.Create(address));
        services.AddPooledDbContextFactory<PostgresFnDbContext>((provider, options) => options
            .UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.ExecutionStrategy(dependencies => new PostgresRetry(dependencies)))
            .ConfigureWarnings(Quiet));
        services.AddSingleton<IDbContextFactory<FnDbContext>, PostgresContextFactory>();
        services.AddHostedService<PostgresStartup>();
        services.AddHostedService<PostgresChangeFeed>();
        return services;
    }

    // Statements are no news, and a name that is taken is no error: what was not expected is logged once, by whoever handles the request.
    // Whether the migrations are all there is a question for a test: to ask it at each start takes a good part of it.
    private static void Quiet(WarningsConfigurationBuilder warnings) => warnings
        .Ignore(RelationalEventId.PendingModelChangesWarning)
        .Log(
            (RelationalEventId.CommandExecuted, LogLevel.Debug),
            (RelationalEventId.CommandError, LogLevel.Debug),
            (RelationalEventId.AcquiringMigrationLock, LogLevel.Debug),
            (RelationalEventId.MigrationApplying, LogLevel.Debug),
            (CoreEventId.SaveChangesFailed, LogLevel.Debug));
}
