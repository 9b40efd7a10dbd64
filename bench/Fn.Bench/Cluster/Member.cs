using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Fn.Bench.Cluster;

/// <summary>A process of the cluster as far as the registry goes: the services' own registration, with a connection to Redis of its own.</summary>
internal sealed class Member : IDisposable
{
    public const string Key = "the key of the bench's cluster";

    private readonly IHost _host;

    public Member(RedisProcess redis)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:redis"] = redis.Address;
        builder.Configuration[$"{ClusterOptions.Section}:{nameof(ClusterOptions.Key)}"] = Key;
        // Decisions are measured in quiet as well, in which runners must not fall silent.
        builder.Configuration[$"{ClusterOptions.Section}:{nameof(ClusterOptions.Lease)}"] = "60s";
        builder.Logging.ClearProviders();
        builder.AddHotRegistry();
        _host = builder.Build();
        Registry = _host.Services.GetRequiredService<IHotRegistry>();
    }

    public IHotRegistry Registry { get; }

    public IServiceProvider Services => _host.Services;

    /// <summary>Connects to Redis, which otherwise happens with the first report or the first watcher.</summary>
    public void Connect() => _host.Services.GetRequiredService<IConnectionMultiplexer>();

    public void Dispose() => _host.Dispose();
}
