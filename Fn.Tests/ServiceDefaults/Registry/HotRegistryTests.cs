using Fn.ServiceDefaults.Registry;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Registry;

/// <summary>What every hot registry does.</summary>
public abstract class HotRegistryTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _watching = [];

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract IHotRegistry Registry { get; }

    public abstract ValueTask InitializeAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_watching);
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task ReportAsync_Watched_IsTold()
    {
        var watcher = await WatchAsync();

        Assert.Equal(ReportOutcome.Stored, await Registry.ReportAsync(Report(1, full: true, ("a", 1)), Cancel));
        Assert.Equal(ReportOutcome.Stored, await Registry.ReportAsync(Report(2, full: false, ("b", 2)) with { Gone = ["a"] }, Cancel));

        var first = await watcher.NextAsync(Cancel);
        Assert.Equal((true, 1L, 1), (first.Full, first.Runner.Sequence, first.Pools["a"].Idle));
        var second = await watcher.NextAsync(Cancel);
        Assert.Equal((false, 2L, 2, "a"), (second.Full, second.Runner.Sequence, second.Pools["b"].Idle, Assert.Single(second.Gone)));
    }

    [Fact]
    public async Task ReportAsync_AllFields_ArriveAsTheyWere()
    {
        var watcher = await WatchAsync();
        var pool = new PoolRecord
        {
            FunctionId = "f",
            Memory = 1 << 26,
            Idle = 2,
            Busy = 3,
            Starting = 4,
            Waiting = 5,
            ServiceMs = 1.5,
            StartMs = 100.25,
            UsedAt = 77,
            RunningSince = 66,
            IdleSince = [11, 22],
        };
        var runner = Runner(1) with { Mac = "mac", Draining = true, Memory = 1L << 40, Reserved = 1L << 39, MaxStarts = 4, Starting = 3, Waiting = 2, Calls = 1, Uptime = 99 };

        await Registry.ReportAsync(new RegistryReport { Runner = runner, Pools = new Dictionary<string, PoolRecord> { ["r"] = pool }, Full = true }, Cancel);

        var told = await watcher.NextAsync(Cancel);
        Assert.Equal(runner, told.Runner);
        Assert.Equivalent(pool, told.Pools["r"], strict: true);
    }

    [Fact]
    public async Task WithdrawAsync_Watched_IsTold()
    {
        var watcher = await WatchAsync();
        await Registry.ReportAsync(Report(1, full: true, ("a", 1)), Cancel);
        await watcher.NextAsync(Cancel);

        await Registry.WithdrawAsync(Runner(2), Cancel);

        Assert.True((await watcher.NextAsync(Cancel)).Runner.Gone);
    }

    [Fact]
    public async Task WatchAsync_Several_AllAreTold()
    {
        var watchers = new[] { await WatchAsync(), await WatchAsync() };

        await Registry.ReportAsync(Report(1, full: true, ("a", 1)), Cancel);

        foreach (var watcher in watchers)
            Assert.Equal("runner", (await watcher.NextAsync(Cancel)).Runner.Id);
    }

    private protected async Task<RecordingWatcher> WatchAsync(IHotRegistry? registry = null)
    {
        var watcher = new RecordingWatcher();
        _watching.Add((registry ?? Registry).WatchAsync(watcher, _stop.Token));
        await watcher.SynchronizedAsync.WaitAsync(Cancel);
        return watcher;
    }

    private protected static RunnerRecord Runner(long sequence, string id = "runner") => new() { Id = id, Epoch = "e", Sequence = sequence, Address = "http://10.0.0.1:8081" };

    private protected static RegistryReport Report(long sequence, bool full, params (string Revision, int Idle)[] pools) => new()
    {
        Runner = Runner(sequence),
        Pools = pools.ToDictionary(pool => pool.Revision, pool => new PoolRecord { FunctionId = "f", Memory = 64, Idle = pool.Idle }),
        Full = full,
    };
}

public sealed class InMemoryRegistryTests : HotRegistryTests
{
    private protected override IHotRegistry Registry { get; } = new InMemoryRegistry();

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task WatchAsync_AfterReports_AsksForEverythingWithTheNextOne()
    {
        await Registry.ReportAsync(Report(1, full: true, ("a", 1)), Cancel);
        await WatchAsync();

        Assert.Equal(ReportOutcome.Forgotten, await Registry.ReportAsync(Report(2, full: false), Cancel));
        Assert.Equal(ReportOutcome.Stored, await Registry.ReportAsync(Report(3, full: true), Cancel));
        Assert.Equal(ReportOutcome.Stored, await Registry.ReportAsync(Report(4, full: false), Cancel));
    }
}
