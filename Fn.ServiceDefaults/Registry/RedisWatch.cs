using System.Text.Json;
using System.Threading.Channels;
using Fn.ServiceDefaults.Redis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Fn.ServiceDefaults.Registry;

/// <summary>One watcher of the registry in Redis: subscribed first, then everything is read, so nothing falls between; again after each loss of connection.</summary>
internal sealed partial class RedisWatch(IConnectionMultiplexer connection, IRegistryWatcher watcher, TimeSpan lease, TimeProvider time, Action<Exception?> note, ILogger logger)
{
    private const int ReadAtOnce = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Null stands for "connected again". Unbounded, but read all the time: what comes is a few reports a second from each runner.
    private readonly Channel<byte[]?> _events = Channel.CreateUnbounded<byte[]?>(new UnboundedChannelOptions { SingleReader = true });

    public async Task RunAsync(CancellationToken cancel)
    {
        connection.ConnectionFailed += OnFailed;
        connection.ConnectionRestored += OnRestored;
        try
        {
            await SubscribeAsync(cancel);
            await ReadAllAsync(cancel);
            await foreach (var message in _events.Reader.ReadAllAsync(cancel))
            {
                if (message is null)
                    await ReadAllAsync(cancel);
                else if (Parse(message) is { } report && !watcher.Apply(report, TimeSpan.Zero))
                    await ReadOneAsync(report.Runner.Id, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
        finally
        {
            connection.ConnectionFailed -= OnFailed;
            connection.ConnectionRestored -= OnRestored;
        }
    }

    private async Task SubscribeAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await connection.GetSubscriber().SubscribeAsync(RedisKeys.Reports, (_, message) => _events.Writer.TryWrite(message)).WaitAsync(cancel);
                return;
            }
            catch (Exception e) when (RedisOutage.Is(e))
            {
                note(e);
                watcher.Disconnected();
                await Task.Delay(Pause, time, cancel);
            }
        }
    }

    private void OnFailed(object? sender, ConnectionFailedEventArgs e) => watcher.Disconnected();

    private void OnRestored(object? sender, ConnectionFailedEventArgs e) => _events.Writer.TryWrite(null);

    /// <summary>Reads every runner; tries until it can.</summary>
    private async Task ReadAllAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                var redis = connection.GetDatabase();
                var ids = await redis.SetMembersAsync(RedisKeys.Runners).WaitAsync(cancel);
                foreach (var some in ids.Chunk(ReadAtOnce))
                {
                    foreach (var read in await Task.WhenAll(some.Select(id => ReadAsync(redis, (string)id!))).WaitAsync(cancel))
                        Tell(read);
                }
                note(null);
                watcher.Synchronized();
                return;
            }
            catch (Exception e) when (RedisOutage.Is(e))
            {
                note(e);
                watcher.Disconnected();
                await Task.Delay(Pause, time, cancel);
            }
        }
    }

    private async Task ReadOneAsync(string id, CancellationToken cancel)
    {
        try
        {
            Tell(await ReadAsync(connection.GetDatabase(), id).WaitAsync(cancel));
        }
        catch (Exception e) when (RedisOutage.Is(e))
        {
            // The connection's end brings a new reading of all; anything else, the next report.
            Log.NotRead(logger, id, e.Message);
        }
    }

    private void Tell((RegistryReport Report, TimeSpan Age)? read)
    {
        if (read is var (report, age))
            watcher.Apply(report, age);
    }

    private async Task<(RegistryReport Report, TimeSpan Age)?> ReadAsync(IDatabase redis, string id)
    {
        var read = redis.CreateTransaction();
        var runner = read.StringGetAsync(RedisKeys.Runner(id));
        var left = read.KeyTimeToLiveAsync(RedisKeys.Runner(id));
        var pools = read.HashGetAllAsync(RedisKeys.Pools(id));
        if (!await read.ExecuteAsync())
            throw new RedisException("The transaction was not carried out.");
        if (Parse(await runner, RegistryJson.Default.RunnerRecord) is not { } record)
        {
            // Its lease has run out. Should it live, its next heartbeat puts it back.
            await redis.SetRemoveAsync(RedisKeys.Runners, id);
            return null;
        }
        var records = new Dictionary<string, PoolRecord>();
        foreach (var entry in await pools)
        {
            if (Parse(entry.Value, RegistryJson.Default.PoolRecord) is { } pool)
                records[entry.Name!] = pool;
        }
        var age = await left is { } rest && rest < lease ? lease - rest : TimeSpan.Zero;
        return (new RegistryReport { Runner = record, Pools = records, Full = true }, age);
    }

    private RegistryReport? Parse(byte[] message) => Parse(message, RegistryJson.Default.RegistryReport);

    /// <summary>Whoever can write to Redis can write anything: what is no record is skipped.</summary>
    private T? Parse<T>(RedisValue value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        if (value.IsNull)
            return null;
        try
        {
            return JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)value).Span, type);
        }
        catch (JsonException e)
        {
            Log.NoRecord(logger, e.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(921, LogLevel.Warning, "Something in the registry is no record and is ignored: {Reason}")]
        public static partial void NoRecord(ILogger logger, string reason);

        [LoggerMessage(922, LogLevel.Debug, "Runner {RunnerId} could not be read: {Reason}")]
        public static partial void NotRead(ILogger logger, string runnerId, string reason);
    }
}
