using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Registry;
using Fn.Tests.EndToEnd;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Registry;

/// <summary>On a real Redis.</summary>
public sealed class RedisRegistryTests : RedisRegistrySuite
{
    private protected override Task<RedisServer> StartServerAsync() => RedisServer.StartAsync();
}

/// <summary>On Garnet, which knows fewer commands.</summary>
public sealed class GarnetRegistryTests : RedisRegistrySuite
{
    private protected override Task<RedisServer> StartServerAsync() => RedisServer.StartGarnetAsync();
}

/// <summary>What a hot registry in anything that speaks Redis's protocol does.</summary>
public abstract class RedisRegistrySuite : HotRegistryTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly List<IConnectionMultiplexer> _connections = [];
    private RedisServer _server = null!;

    private protected override IHotRegistry Registry => field ??= Connect();

    private protected abstract Task<RedisServer> StartServerAsync();

    public override async ValueTask InitializeAsync() => _server = await StartServerAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task WatchAsync_AfterReports_TellsWhatTheyCameTo()
    {
        await Registry.ReportAsync(Report(1, full: true, ("a", 1), ("b", 1)), Cancel);
        await Registry.ReportAsync(Report(2, full: false, ("b", 2), ("c", 3)) with { Gone = ["a"] }, Cancel);

        var told = await (await WatchAsync(Connect())).NextAsync(Cancel);

        Assert.Equal((true, 2L), (told.Full, told.Runner.Sequence));
        Assert.Equal(["b 2", "c 3"], told.Pools.Select(pool => $"{pool.Key} {pool.Value.Idle}").Order());
    }

    [Fact]
    public async Task WatchAsync_ReportMissed_ReadsTheRunnerAgain()
    {
        await Registry.ReportAsync(Report(1, full: true, ("a", 1)), Cancel);
        var watcher = await WatchAsync();
        await watcher.NextAsync(Cancel);

        // As if the report in between was never heard of.
        await Registry.ReportAsync(Report(3, full: false, ("b", 2)), Cancel);

        var told = await watcher.NextAsync(Cancel);
        Assert.Equal((true, 3L), (told.Full, told.Runner.Sequence));
        Assert.Equal(["a", "b"], told.Pools.Keys.Order());
    }

    [Fact]
    public async Task ReportAsync_EverythingWasFlushed_AsksForEverything()
    {
        await Registry.ReportAsync(Report(1, full: true, ("a", 1)), Cancel);
        await _server.AskAsync(async (redis, _) => await redis.ExecuteAsync("FLUSHALL"));

        Assert.Equal(ReportOutcome.Forgotten, await Registry.ReportAsync(Report(2, full: false, ("b", 1)), Cancel));
        // Should the runner die now, nothing of it stays for ever.
        Assert.NotNull(await _server.AskAsync(async (redis, _) => await redis.KeyTimeToLiveAsync("fn:{runner}:pools")));
        Assert.Equal(ReportOutcome.Stored, await Registry.ReportAsync(Report(3, full: true, ("a", 1)), Cancel));

        Assert.Equal(["a"], (await (await WatchAsync(Connect())).NextAsync(Cancel)).Pools.Keys);
    }

    [Fact]
    public async Task ReportAsync_Keys_AllExpireAndAreInOneSlotForEachRunner()
    {
        await Registry.ReportAsync(Report(1, full: true, ("a", 1)), Cancel);
        await Registry.ReportAsync(Report(2, full: false), Cancel);

        var keys = await _server.AskAsync(async (redis, server) =>
        {
            var found = new List<(string Key, TimeSpan? Left)>();
            await foreach (var key in server.KeysAsync())
                found.Add((key!, await redis.KeyTimeToLiveAsync(key)));
            return found;
        });

        Assert.Equal(["fn:runners", "fn:{runner}:pools", "fn:{runner}:runner"], keys.Select(key => key.Key).Order(StringComparer.Ordinal));
        Assert.All(keys, key => Assert.InRange(key.Left!.Value, TimeSpan.FromSeconds(1), Lease * 10));
    }

    [Fact]
    public async Task WithdrawAsync_LeavesNothing()
    {
        await Registry.ReportAsync(Report(1, full: true, ("a", 1)), Cancel);

        await Registry.WithdrawAsync(Runner(2), Cancel);

        Assert.Equal(0, await _server.AskAsync(async (_, server) => await server.DatabaseSizeAsync()));
    }

    [Fact]
    public async Task WatchAsync_Garbage_IsSkipped()
    {
        var watcher = await WatchAsync();
        await _server.AskAsync(async (redis, _) =>
        {
            await redis.PublishAsync(RedisChannel.Literal("fn:reports"), "no json");
            await redis.PublishAsync(RedisChannel.Literal("fn:reports"), """{"r":{"id":7}}""");
            return await redis.PublishAsync(RedisChannel.Literal("fn:reports"), """{"p":null}""");
        });

        await Registry.ReportAsync(Report(1, full: true, ("a", 1)), Cancel);

        Assert.Equal("runner", (await watcher.NextAsync(Cancel)).Runner.Id);
    }

    [Fact]
    public async Task WatchAsync_UnknownFields_AreIgnored()
    {
        var watcher = await WatchAsync();
        const string newer = """{"r":{"id":"n","ep":"e","seq":1,"addr":"http://10.0.0.9:1","later":{"x":[1]}},"full":true,"p":{"r":{"f":"f","m":1,"i":3,"later":1}},"later":2}""";

        await _server.AskAsync(async (redis, _) => await redis.PublishAsync(RedisChannel.Literal("fn:reports"), newer));

        var told = await watcher.NextAsync(Cancel);
        Assert.Equal(("n", 3), (told.Runner.Id, told.Pools["r"].Idle));
    }

    [Fact]
    public async Task WatchAsync_RedisGoneAndBack_TellsEverythingAgain()
    {
        await Registry.ReportAsync(Report(1, full: true, ("a", 1)), Cancel);
        var watcher = await WatchAsync();
        await watcher.NextAsync(Cancel);

        await _server.StopAsync();
        await watcher.DisconnectedAsync.WaitAsync(Cancel);
        Assert.Equal(ReportOutcome.Unreachable, await Registry.ReportAsync(Report(2, full: false), Cancel));
        await _server.StartAgainAsync();
        await watcher.SynchronizedAsync.WaitAsync(Cancel);

        Assert.Equal(ReportOutcome.Stored, await Registry.ReportAsync(Report(3, full: true, ("b", 1)), Cancel));
        Assert.Equal(["b"], (await watcher.NextAsync(Cancel)).Pools.Keys);
    }

    [Fact]
    public async Task ReportAsync_NoRedis_IsUnreachableAndWorksOnceItIsThere()
    {
        await _server.StopAsync();
        Assert.Equal(ReportOutcome.Unreachable, await Registry.ReportAsync(Report(1, full: true), Cancel));

        await _server.StartAgainAsync();
        await Eventually.HoldsAsync(async () => await Registry.ReportAsync(Report(2, full: true), Cancel) == ReportOutcome.Stored, "a report is stored");
    }

    private RedisRegistry Connect() => new(
        () =>
        {
            var options = ConfigurationOptions.Parse(_server.Address);
            options.AbortOnConnectFail = false;
            options.ConnectTimeout = 1000;
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.ReconnectRetryPolicy = new LinearRetry(100);
            var connection = ConnectionMultiplexer.Connect(options);
            lock (_connections)
                _connections.Add(connection);
            return connection;
        },
        Options.Create(new ClusterOptions { Lease = Lease }),
        TimeProvider.System,
        NullLogger<RedisRegistry>.Instance);
}
