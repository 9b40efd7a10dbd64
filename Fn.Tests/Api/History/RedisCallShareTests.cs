using System.Threading.Channels;
using Fn.Api.History;
using Fn.Api.History.Redis;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.EndToEnd;
using Fn.Tests.ServiceDefaults.Registry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xunit;

namespace Fn.Tests.Api.History;

/// <summary>On a real Redis.</summary>
public sealed class RedisCallShareTests : RedisCallShareSuite
{
    private protected override Task<RedisServer> StartServerAsync() => RedisServer.StartAsync();
}

/// <summary>On Garnet, which knows fewer commands.</summary>
public sealed class GarnetCallShareTests : RedisCallShareSuite
{
    private protected override Task<RedisServer> StartServerAsync() => RedisServer.StartGarnetAsync();
}

/// <summary>How gateways tell each other of calls through anything that speaks Redis's protocol.</summary>
public abstract class RedisCallShareSuite : IAsyncLifetime
{
    private readonly List<IConnectionMultiplexer> _connections = [];
    private readonly CancellationTokenSource _over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly List<Task> _hearing = [];
    private RedisServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract Task<RedisServer> StartServerAsync();

    public async ValueTask InitializeAsync() => _server = await StartServerAsync();

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        foreach (var hearing in _hearing)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hearing);
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        await _server.DisposeAsync();
        _over.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task HearAsync_ToldBeforeAndAfter_HearsAllOldestFirstAndNothingOfItself()
    {
        var (one, two) = (Share(), Share());
        await one.TellAsync(Batch("one", 1, uptime: 1000), Cancel);
        await one.TellAsync(Batch("one", 2, uptime: 61_000), Cancel);
        await one.TellAsync(Hour("one", 7), Cancel);
        await two.TellAsync(Batch("two", 1, uptime: 5), Cancel);

        var heard = Hear(two, "two");

        var first = await heard.NextAsync(Cancel);
        Assert.Equal(("one", 1L), (first.Batch!.Gateway, first.Batch.Sequence));
        Assert.InRange(first.Age.TotalSeconds, 60, 90);
        var second = await heard.NextAsync(Cancel);
        Assert.Equal(2, second.Batch!.Sequence);
        Assert.InRange(second.Age.TotalSeconds, 0, 30);
        Assert.Equal(7, (await heard.NextAsync(Cancel)).Hour!.Hour);

        await one.TellAsync(Batch("one", 3, uptime: 62_000), Cancel);
        var third = await heard.NextAsync(Cancel);
        Assert.Equal((3L, TimeSpan.Zero), (third.Batch!.Sequence, third.Age));
        Assert.Equal(2, third.Batch.Calls.Count);
        var told = third.Batch.Calls[0];
        Assert.Equal((12, CallError.FunctionTimedOut, true), (told.Ago, told.Call.Error, told.Call.Cold));
        Assert.Equal([CallPhase.Received, CallPhase.SlotTaken, CallPhase.Answered, CallPhase.Ended], told.Call.Phases.Select(reached => reached.Phase));
        Assert.Equal((4L, 1L), (third.Batch.Tallies["f"].ToTally().Calls, third.Batch.Tallies["f"].ToTally().Hot.Total));
    }

    [Fact]
    public async Task HearAsync_SomebodyWithoutTheKeyTells_HearsNothingOfIt()
    {
        await Share("another key of a cluster").TellAsync(Batch("forged", 1, uptime: 0), Cancel);
        var heard = Hear(Share(), "two");
        await Share("another key of a cluster").TellAsync(Batch("forged", 2, uptime: 0), Cancel);
        await Share().TellAsync(Batch("one", 1, uptime: 0), Cancel);

        Assert.Equal("one", (await heard.NextAsync(Cancel)).Batch!.Gateway);
    }

    [Fact]
    public async Task TellAsync_ManyBatches_LeavesABoundedNumberThatExpires()
    {
        var share = Share();
        for (var i = 1; i <= 30; i++)
            await share.TellAsync(Batch("one", i, uptime: i, calls: 200), Cancel);

        var (length, keys) = await _server.AskAsync(async (redis, server) =>
            (await redis.ListLengthAsync(HistoryKeys.BatchesOf("one")), await server.KeysAsync(pattern: "fn:*").ToListAsync(Cancel)));
        Assert.Equal(9, length);
        foreach (var key in keys)
            Assert.NotNull(await _server.AskAsync((redis, _) => redis.KeyTimeToLiveAsync(key)));
    }

    [Fact]
    public async Task HearAsync_RedisAwayForAWhile_HearsAgain()
    {
        var one = Share();
        var heard = Hear(Share(), "two");
        await one.TellAsync(Batch("one", 1, uptime: 0), Cancel);
        await heard.NextAsync(Cancel);

        await _server.StopAsync();
        // Lost, and no harm done.
        await one.TellAsync(Batch("one", 2, uptime: 0), Cancel);
        await _server.StartAgainAsync();

        var sequence = 3;
        await Eventually.HoldsAsync(async () =>
        {
            await one.TellAsync(Batch("one", sequence++, uptime: 0), Cancel);
            return heard.TryNext(out var next) && next.Batch!.Sequence > 2;
        }, "it hears of later calls");
    }

    private static CallBatch Batch(string gateway, long sequence, long uptime, int calls = 1) => new()
    {
        Gateway = gateway,
        Sequence = sequence,
        Uptime = uptime,
        Calls = [.. Enumerable.Range(0, calls).Select(i => new ToldCall(CallRecords.Make(i, cold: true, error: CallError.FunctionTimedOut), 12)), new ToldCall(CallRecords.Make(-1), 0)],
        Tallies = new Dictionary<string, ToldTally> { ["f"] = new(4, 1, 0, 400_000, [LatencyCounts.ClassOf(2000), 1], [LatencyCounts.ClassOf(400_000), 1]) },
    };

    private static HourOfCalls Hour(string gateway, long hour) => new()
    {
        Gateway = gateway,
        Hour = hour,
        Costs = new Dictionary<string, double[]> { ["f"] = [4, 1, 0, 400] },
    };

    private Ear Hear(RedisCallShare share, string gateway)
    {
        var ear = new Ear();
        _hearing.Add(share.HearAsync(gateway, ear, _over.Token));
        return ear;
    }

    private RedisCallShare Share(string key = "the key of this test") => new(
        () =>
        {
            var options = ConfigurationOptions.Parse($"{_server.Address},abortConnect=false,connectTimeout=1000");
            (options.BacklogPolicy, options.ReconnectRetryPolicy) = (BacklogPolicy.FailFast, new LinearRetry(200));
            var connection = ConnectionMultiplexer.Connect(options);
            lock (_connections)
                _connections.Add(connection);
            return connection;
        },
        new ClusterKey(key),
        Options.Create(new HistoryOptions()),
        TimeProvider.System);

    private sealed class Ear : ICallHearer
    {
        private readonly Channel<Heard> _heard = Channel.CreateUnbounded<Heard>();

        public void Hear(CallBatch batch, TimeSpan age) => _heard.Writer.TryWrite(new Heard(batch, null, age));

        public void Hear(HourOfCalls hour, TimeSpan age) => _heard.Writer.TryWrite(new Heard(null, hour, age));

        public void Forget(string gateway)
        {
        }

        public ValueTask<Heard> NextAsync(CancellationToken cancel) => _heard.Reader.ReadAsync(cancel);

        public bool TryNext(out Heard next) => _heard.Reader.TryRead(out next);
    }

    private readonly record struct Heard(CallBatch? Batch, HourOfCalls? Hour, TimeSpan Age);
}
