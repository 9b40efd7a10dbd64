using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Hosting;
using Fn.ServiceDefaults.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Fn.Api.Store.Sqlite;

/// <summary>
/// In a cluster, sees to it that a gateway whose functions are in a file of its own is the only one: another one would know other functions. Who that is
/// stands in Redis, under a key that it renews.
/// </summary>
internal sealed class SoleGateway(
    SqliteFile file, Func<IConnectionMultiplexer> connect, FatalCondition fatal, IOptions<ClusterOptions> options, TimeProvider time) : BackgroundService
{
    private const string Conflict = "several gateways need ConnectionStrings:fndb: another gateway on this Redis keeps its functions in a file of its own";
    private static readonly RedisKey Key = "fn:gateway";

    private readonly TimeSpan _lease = options.Value.Lease;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Now, if Redis is there: a gateway that may not be does not even begin to listen.
        if (await TryHoldAsync(cancellationToken) == false)
            throw new FnStartException(Conflict);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            var redis = connect().GetDatabase();
            if (await redis.StringGetAsync(Key) == file.Id)
                await redis.KeyDeleteAsync(Key);
        }
        catch (Exception e) when (RedisOutage.Is(e))
        {
            // It expires.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_lease / 3, time, stoppingToken);
                if (await TryHoldAsync(stoppingToken) != false)
                    continue;
                fatal.Raise(Conflict);
                return;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>True: this gateway is the one. False: another one is. Null: Redis does not say.</summary>
    private async Task<bool?> TryHoldAsync(CancellationToken cancel)
    {
        try
        {
            // On a thread of its own: connecting blocks for as long as Redis does not answer.
            var redis = (await Task.Run(connect, cancel)).GetDatabase();
            // The file is locked by its process, so whoever left its id here is this gateway before a restart.
            if (await redis.StringSetAsync(Key, file.Id, _lease, When.NotExists).WaitAsync(cancel))
                return true;
            var holder = await redis.StringGetAsync(Key).WaitAsync(cancel);
            // It has just expired: nobody is the one, and the next time it is taken.
            if (holder.IsNull)
                return null;
            if (holder != file.Id)
                return false;
            await redis.KeyExpireAsync(Key, _lease).WaitAsync(cancel);
            return true;
        }
        catch (Exception e) when (RedisOutage.Is(e))
        {
            return null;
        }
    }
}
