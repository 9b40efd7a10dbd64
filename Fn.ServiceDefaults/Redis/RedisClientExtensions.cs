#if !USE_ASPIRE
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Stands in for <c>Aspire.StackExchange.Redis</c> where that package is not served: the same call registers the same service.</summary>
internal static class RedisClientExtensions
{
    /// <summary>Registers a singleton <see cref="IConnectionMultiplexer"/> for <c>ConnectionStrings:NAME</c>, connected when it is first asked for.</summary>
    public static void AddRedisClient(this IHostApplicationBuilder builder, string connectionName, Action<ConfigurationOptions>? configureOptions = null) =>
        builder.Services.AddSingleton<IConnectionMultiplexer>(services =>
        {
            var text = builder.Configuration.GetConnectionString(connectionName);
            if (string.IsNullOrEmpty(text))
                throw new InvalidOperationException($"No endpoints specified. Ensure a valid connection string was provided in 'ConnectionStrings:{connectionName}'.");
            var options = ConfigurationOptions.Parse(text);
            options.AbortOnConnectFail = false;
            options.LoggerFactory = services.GetService<ILoggerFactory>();
            configureOptions?.Invoke(options);
            return ConnectionMultiplexer.Connect(options);
        });
}
#endif
