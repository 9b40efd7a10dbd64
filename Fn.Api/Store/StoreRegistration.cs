using Fn.Api.Store.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store;

internal static class StoreRegistration
{
    public static IServiceCollection AddStore(this IServiceCollection services)
    {
        services.AddOptions<StoreOptions>().BindConfiguration(StoreOptions.Section);
        services.AddSingleton<StoreChanges>();
        services.AddSingleton<FnStore>();
        services.AddSingleton<IAppStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<IFunctionStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddSingleton<ITriggerStore>(provider => provider.GetRequiredService<FnStore>());
        services.AddHealthChecks().AddCheck<StoreHealthCheck>("store");
        return services.AddSqlite();
    }

    private static IServiceCollection AddSqlite(this IServiceCollection services)
    {
        services.AddSingleton<SqliteFile>();
        services.AddPooledDbContextFactory<SqliteFnDbContext>((provider, options) => options
            .UseSqlite(provider.GetRequiredService<SqliteFile>().ConnectionString)
            .AddInterceptors(BusyTimeout.Instance));
        services.AddSingleton<IDbContextFactory<FnDbContext>, SqliteContextFactory>();
        services.AddHostedService<SqliteStartup>();
        return services;
    }
}
