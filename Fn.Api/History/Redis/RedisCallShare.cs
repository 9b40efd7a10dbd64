using System.Threading.Channels;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Fn.Api.History.Redis;

/// <summary>
/// Gateways tell each other through channels of Redis, and leave there, for those that join, as many of their last calls as fit, and the sums of a day. A few
/// commands a second for each gateway, however many calls there are. What cannot be told because Redis is away is lost.
/// </summary>
internal sealed class RedisCallShare(Func<IConnectionMultiplexer> connect, ClusterKey key, IOptions<HistoryOptions> options, TimeProvider time) : ICallShare
{
    /// <summary>Calls that a gateway leaves in Redis: about a MiB.</summary>
    private const int MaxLeft = 2000;

    /// <summary>What is heard faster than it is taken in is dropped, the oldest first.</summary>
    private const int MaxHeard = 1000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromHours(25);

    private readonly TimeSpan _keep = options.Value.Keep;
    private readonly SignedMessage _messages = new(key);
    private readonly Queue<int> _left = [];
    private readonly RedisConnector _connector = new(connect);

    public bool Shares => true;

    public Task TellAsync(CallBatch batch, CancellationToken cancel)
    {
        var message = _messages.Write("calls", batch, HistoryJson.Default.CallBatch);
        _left.Enqueue(batch.Calls.Count);
        while (_left.Count > 1 && _left.Sum() > MaxLeft)
            _left.Dequeue();
        var list = HistoryKeys.BatchesOf(batch.Gateway);
        return SendAsync(HistoryKeys.Batches, message, batch.Gateway, redis =>
        [
            redis.ListLeftPushAsync(list, message),
            redis.ListTrimAsync(list, 0, _left.Count - 1),
            redis.KeyExpireAsync(list, _keep),
        ], cancel);
    }

    public Task TellAsync(HourOfCalls hour, CancellationToken cancel)
    {
        var message = _messages.Write("hours", hour, HistoryJson.Default.HourOfCalls);
        var hash = HistoryKeys.HoursOf(hour.Gateway);
        return SendAsync(HistoryKeys.Hours, message, hour.Gateway, redis =>
        [
            redis.HashSetAsync(hash, hour.Hour, message),
            redis.HashDeleteAsync(hash, hour.Hour - (long)Day.TotalHours),
            redis.KeyExpireAsync(hash, Day),
        ], cancel);
    }

    public async Task HearAsync(string gateway, ICallHearer hearer, CancellationToken cancel)
    {
        var connection = await _connector.ConnectAsync(cancel);
        // Null stands for "connected again".
        var heard = Channel.CreateBounded<Action?>(new BoundedChannelOptions(MaxHeard) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        void OnRestored(object? sender, ConnectionFailedEventArgs e) => heard.Writer.TryWrite(null);
        connection.ConnectionRestored += OnRestored;
        try
        {
            // Where there is no connection yet, the client only notes what it is to subscribe to. Whatever is heard twice is told twice: hearers know.
            await TryUntilDoneAsync(() => SubscribeAsync(connection, gateway, hearer, heard.Writer), cancel);
            await TryUntilDoneAsync(() => connection.GetSubscriber().PingAsync(), cancel);
            heard.Writer.TryWrite(null);
            await foreach (var tell in heard.Reader.ReadAllAsync(cancel))
            {
                if (tell is not null)
                    tell();
                else
                    await TryUntilDoneAsync(() => ReadAllAsync(connection.GetDatabase(), gateway, hearer), cancel);
            }
        }
        finally
        {
            connection.ConnectionRestored -= OnRestored;
        }
    }

    private async Task SendAsync(RedisChannel channel, byte[] message, string gateway, Func<IDatabaseAsync, Task[]> keep, CancellationToken cancel)
    {
        try
        {
            var redis = (await _connector.ConnectAsync(cancel)).GetDatabase();
            // Left before it is told: who subscribes too late to be told reads after it was left.
            await Task.WhenAll(
            [
                .. keep(redis),
                redis.SetAddAsync(HistoryKeys.Gateways, gateway),
                redis.KeyExpireAsync(HistoryKeys.Gateways, Day),
                redis.PublishAsync(channel, message),
            ]).WaitAsync(cancel);
        }
        catch (Exception e) when (RedisOutage.Is(e))
        {
            // The registry says that Redis is away; calls are known to their own gateway.
        }
    }

    private async Task SubscribeAsync(IConnectionMultiplexer connection, string gateway, ICallHearer hearer, ChannelWriter<Action?> heard)
    {
        void OnBatch(RedisChannel channel, RedisValue message)
        {
            if (_messages.Read("calls", message, HistoryJson.Default.CallBatch) is { } batch && batch.Gateway != gateway)
                heard.TryWrite(() => hearer.Hear(batch, TimeSpan.Zero));
        }

        void OnHour(RedisChannel channel, RedisValue message)
        {
            if (_messages.Read("hours", message, HistoryJson.Default.HourOfCalls) is { } hour && hour.Gateway != gateway)
                heard.TryWrite(() => hearer.Hear(hour, TimeSpan.Zero));
        }

        var subscriber = connection.GetSubscriber();
        await subscriber.SubscribeAsync(HistoryKeys.Batches, OnBatch);
        await subscriber.SubscribeAsync(HistoryKeys.Hours, OnHour);
    }

    private async Task TryUntilDoneAsync(Func<Task> attempt, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await attempt().WaitAsync(cancel);
                return;
            }
            catch (Exception e) when (RedisOutage.Is(e))
            {
                await Task.Delay(Pause, time, cancel);
            }
        }
    }

    private async Task ReadAllAsync(IDatabase redis, string gateway, ICallHearer hearer)
    {
        foreach (var member in await redis.SetMembersAsync(HistoryKeys.Gateways))
        {
            var other = (string)member!;
            if (other == gateway)
                continue;
            var batches = await ReadBatchesAsync(redis, other, hearer);
            if (!await ReadHoursAsync(redis, other, hearer) && !batches)
            {
                await redis.SetRemoveAsync(HistoryKeys.Gateways, member);
                hearer.Forget(other);
            }
        }
    }

    private async Task<bool> ReadBatchesAsync(IDatabase redis, string gateway, ICallHearer hearer)
    {
        var list = HistoryKeys.BatchesOf(gateway);
        var left = await redis.KeyTimeToLiveAsync(list);
        var batches = (await redis.ListRangeAsync(list)).Select(value => _messages.Read("calls", value, HistoryJson.Default.CallBatch)).OfType<CallBatch>().ToList();
        // The newest was written when the list's life began anew; how much older the others are, the gateway's own clock says.
        var newest = _keep - (left ?? _keep);
        foreach (var batch in Enumerable.Reverse(batches))
            hearer.Hear(batch, newest + TimeSpan.FromMilliseconds(Math.Max(0, batches[0].Uptime - batch.Uptime)));
        return batches.Count > 0;
    }

    private async Task<bool> ReadHoursAsync(IDatabase redis, string gateway, ICallHearer hearer)
    {
        var hash = HistoryKeys.HoursOf(gateway);
        var left = await redis.KeyTimeToLiveAsync(hash);
        var hours = (await redis.HashGetAllAsync(hash)).Select(entry => _messages.Read("hours", entry.Value, HistoryJson.Default.HourOfCalls)).OfType<HourOfCalls>().ToList();
        var newest = Day - (left ?? Day);
        foreach (var hour in hours)
            hearer.Hear(hour, newest + TimeSpan.FromHours(hours.Max(one => one.Hour) - hour.Hour));
        return hours.Count > 0;
    }
}
