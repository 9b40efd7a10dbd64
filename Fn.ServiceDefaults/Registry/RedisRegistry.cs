using System.Text.Json;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Redis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Fn.ServiceDefaults.Registry;

/// <summary>
/// The registry in Redis. A runner's lease is the life of its keys; what changes is published on one channel. Only commands that Redis from 6.2, Valkey and
/// Garnet share (no streams, no scripts), and only transactions within one slot of a Redis Cluster.
/// </summary>
internal sealed partial class RedisRegistry(
    Func<IConnectionMultiplexer> connect, IOptions<ClusterOptions> options, TimeProvider time, ILogger<RedisRegistry> logger) : IHotRegistry
{
    private readonly ClusterOptions _options = options.Value;
    private readonly RedisConnector _connector = new(connect);
    private volatile string? _problem;

    public async Task<ReportOutcome> ReportAsync(RegistryReport report, CancellationToken cancel)
    {
        var id = report.Runner.Id;
        var (runnerKey, poolsKey) = (RedisKeys.Runner(id), RedisKeys.Pools(id));
        var message = JsonSerializer.SerializeToUtf8Bytes(report, RegistryJson.Default.RegistryReport);
        try
        {
            var redis = (await _connector.ConnectAsync(cancel)).GetDatabase();
            var write = redis.CreateTransaction();
            var runner = JsonSerializer.SerializeToUtf8Bytes(report.Runner, RegistryJson.Default.RunnerRecord);
            // What changed is worth something only beside what was there before.
            var renewed = write.StringSetAsync(runnerKey, runner, _options.Lease, report.Full ? When.Always : When.Exists);
            if (report.Full)
                Forget(write.KeyDeleteAsync(poolsKey));
            if (report.Pools.Count > 0)
                Forget(write.HashSetAsync(poolsKey, [.. report.Pools.Select(Entry)]));
            if (report.Gone.Count > 0)
                Forget(write.HashDeleteAsync(poolsKey, [.. report.Gone.Select(revision => (RedisValue)revision)]));
            // Last: a hash that was not there is made without an end.
            Forget(write.KeyExpireAsync(poolsKey, _options.Lease));
            var written = write.ExecuteAsync();
            if (report.Full || report.Pools.Count == 0)
                Forget(Enlist(redis, id));
            var told = redis.PublishAsync(RedisKeys.Reports, message);
            if (!await written.WaitAsync(cancel))
                return ReportOutcome.Unreachable;
            await told.WaitAsync(cancel);
            _problem = null;
            return await renewed ? ReportOutcome.Stored : ReportOutcome.Forgotten;
        }
        catch (Exception e) when (RedisOutage.Is(e))
        {
            Note(e);
            return ReportOutcome.Unreachable;
        }
    }

    public async Task WithdrawAsync(RunnerRecord runner, CancellationToken cancel)
    {
        var report = new RegistryReport { Runner = runner with { Gone = true }, Full = true };
        try
        {
            var redis = (await _connector.ConnectAsync(cancel)).GetDatabase();
            await redis.KeyDeleteAsync(RedisKeys.Runner(runner.Id)).WaitAsync(cancel);
            await redis.KeyDeleteAsync(RedisKeys.Pools(runner.Id)).WaitAsync(cancel);
            await redis.SetRemoveAsync(RedisKeys.Runners, runner.Id).WaitAsync(cancel);
            await redis.PublishAsync(RedisKeys.Reports, JsonSerializer.SerializeToUtf8Bytes(report, RegistryJson.Default.RegistryReport)).WaitAsync(cancel);
        }
        catch (Exception e) when (RedisOutage.Is(e))
        {
            Note(e);
        }
    }

    public async Task WatchAsync(IRegistryWatcher watcher, CancellationToken cancel)
    {
        var connection = await _connector.ConnectAsync(cancel);
        await new RedisWatch(connection, watcher, _options.Lease, time, Note, logger).RunAsync(cancel);
    }

    /// <summary>Says what is wrong with Redis, once until it is well or something else is wrong.</summary>
    private void Note(Exception? e)
    {
        var problem = e is null ? null : RedisOutage.Reason(e);
        if (problem is not null && problem != _problem)
            Log.Problem(logger, problem);
        _problem = problem;
    }

    private Task<bool> Enlist(IDatabase redis, string id)
    {
        Forget(redis.SetAddAsync(RedisKeys.Runners, id));
        // Longer than any runner's lease: it goes when no runner has reported for long.
        return redis.KeyExpireAsync(RedisKeys.Runners, _options.Lease * 10);
    }

    private static HashEntry Entry(KeyValuePair<string, PoolRecord> pool) =>
        new(pool.Key, JsonSerializer.SerializeToUtf8Bytes(pool.Value, RegistryJson.Default.PoolRecord));

    /// <summary>A command whose failure shows in the one that is awaited; its own is only observed.</summary>
    private static void Forget(Task task) => _ = task.ContinueWith(
        static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private static partial class Log
    {
        [LoggerMessage(920, LogLevel.Warning, "Redis cannot be used: {Reason}")]
        public static partial void Problem(ILogger logger, string reason);
    }
}
