using Fn.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Fn.ServiceDefaults.Redis;

/// <summary>The Redis that the members of a cluster share: <c>ConnectionStrings:redis</c>.</summary>
public static class RedisAddress
{
    public const string Name = "redis";

    /// <summary>Whether there is one, so that this process is a member of a cluster.</summary>
    public static bool HasRedis(this IConfiguration configuration) => configuration.GetConnectionString(Name) is { Length: > 0 };

    /// <summary>Registers the <see cref="IConnectionMultiplexer"/>. It is connected when first asked for, and keeps trying for ever.</summary>
    /// <exception cref="FnStartException">The connection string is none.</exception>
    public static IHostApplicationBuilder AddSharedRedis(this IHostApplicationBuilder builder)
    {
        Check(builder.Configuration.GetConnectionString(Name)!);
        // The registry knows better than a ping whether Redis is of use; a check of its own says so.
        builder.Configuration["Aspire:StackExchange:Redis:DisableHealthChecks"] = "true";
        builder.AddRedisClient(Name, configureOptions: Configure);
        return builder;
    }

    // The text is not told: it may hold a password.
    private static void Check(string text)
    {
        try
        {
            if (ConfigurationOptions.Parse(text).EndPoints.Count > 0)
                return;
        }
        catch (ArgumentException)
        {
        }
        throw new FnStartException($"ConnectionStrings:{Name} is no address of Redis: allowed is HOST:PORT[,password=PASSWORD][,OPTION=VALUE...], for instance localhost:6379");
    }

    private static void Configure(ConfigurationOptions options)
    {
        options.AbortOnConnectFail = false;
        options.ClientName ??= "fn";
        // A report that waits for a connection is out of date when it is sent.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(1000);
    }
}
