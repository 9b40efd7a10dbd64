using System.Threading.Channels;
using Fn.Api.Dashboard.Live;
using Fn.Api.Placement;
using Fn.Api.Store;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Registry;
using Fn.Tests.Api.Placement;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class LiveFeedTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly FakeCallHistory _history = new();
    private readonly StoreChanges _store = new();
    private readonly ClusterView _view;
    private readonly LiveSketch _sketch;
    private readonly ViewerTurns _turns;
    private readonly LiveFeed _feed;

    public LiveFeedTests()
    {
        _view = Views.Make(_time, ClusterKey.None);
        _sketch = new LiveSketch(new ClusterSketch(_view, new FixedFunctions(), new RegistryHealth(), _time), new CallsSketch(_history, _time));
        _turns = new ViewerTurns(_time);
        _feed = new LiveFeed(new LiveSources(_view, _history, _store), _sketch, _turns, _time, NullLogger<LiveFeed>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _feed.Dispose();
        _turns.Dispose();
        _sketch.Dispose();
        _view.Dispose();
    }

    [Fact]
    public async Task Look_WithoutWatchers_ShowsHowItIsNow()
    {
        Assert.Empty((await _feed.LookAsync()).Cluster.Runners);

        Report(1, busy: 2);

        var runner = Assert.Single((await _feed.LookAsync()).Cluster.Runners);
        Assert.Equal(("runner-1", new HotCounts(1, 2, 0)), (runner.Key, Assert.Single(runner.Pools).Counts));
    }

    [Fact]
    public async Task Watch_ManyWatchersAndChanges_AreShownOneSnapshotAtATime()
    {
        // All have had their turns before figures change by time alone.
        var seen = Enumerable.Range(0, 20).Select(_ => Channel.CreateUnbounded<LiveSnapshot>()).ToList();
        var watches = seen.Select(Watch).ToList();
        await AllAsync(seen);
        var asked = _history.Asked;

        for (var sequence = 1; sequence <= 50; sequence++)
            Report(sequence, busy: sequence);
        _history.Change();
        _time.Advance(LiveFeed.Least);
        // Time for a turn of everybody, and another.
        for (var turns = 0; turns < 2 * seen.Count; turns++)
            _time.Advance(TurnPace.Least);

        var shown = seen.Select(Drain).ToList();
        // The first change is shown at once, the others together.
        Assert.All(shown, snapshots => Assert.InRange(snapshots.Count, 1, 2));
        Assert.InRange(shown.SelectMany(snapshots => snapshots).Distinct().Count(), 1, 2);
        Assert.Equal(50, Assert.Single(shown.Select(snapshots => snapshots[^1]).Distinct()).Cluster.Hot["f"].Busy);
        Assert.InRange(_history.Asked - asked, 1, 2);
        watches.ForEach(watch => watch.Dispose());
    }

    [Fact]
    public async Task Watch_Ended_HearsOfNothingAnyMore()
    {
        var seen = Channel.CreateUnbounded<LiveSnapshot>();
        var watch = Watch(seen);
        Assert.Equal(1, _history.Subscribers);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await NextAsync(seen);
        var asked = _history.Asked;

        watch.Dispose();
        Report(1, busy: 1);
        _store.Raise(StoreChange.Everything);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((0, asked), (_history.Subscribers, _history.Asked));
        Assert.False(seen.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task Watch_DefinitionChanged_IsCounted()
    {
        var seen = Channel.CreateUnbounded<LiveSnapshot>();
        using var watch = Watch(seen);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var before = await NextAsync(seen);

        _store.Raise(StoreChange.Everything);
        _time.Advance(LiveFeed.Least);

        Assert.Equal(before.Definitions + 1, (await NextAsync(seen)).Definitions);
    }

    [Fact]
    public async Task Watch_RunnerFallsSilent_IsShown()
    {
        Report(1, busy: 0);
        _view.Synchronized();
        var seen = Channel.CreateUnbounded<LiveSnapshot>();
        using var watch = Watch(seen);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(Assert.Single((await NextAsync(seen)).Cluster.Runners).Silent);

        _time.Advance(Views.Lease * 0.8);
        while (seen.Reader.TryRead(out _))
        {
        }
        _view.Expire();

        // Among what was there to be shown before, and after it.
        for (var silent = false; !silent;)
        {
            _time.Advance(LiveFeed.Least);
            silent = Assert.Single((await NextAsync(seen)).Cluster.Runners).Silent;
        }
    }

    [Fact]
    public async Task Watch_NothingIsNew_IsShownNothing()
    {
        var pool = Views.Pool([10]);
        _view.Apply(Views.Full(Views.Runner(1), ("r", pool)), TimeSpan.Zero);
        var (one, other) = (Channel.CreateUnbounded<LiveSnapshot>(), Channel.CreateUnbounded<LiveSnapshot>());
        using var watch = Watch(one);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var first = await NextAsync(one);

        // A report like the one before, and nothing but time since the calls were counted.
        _view.Apply(Views.Full(Views.Runner(1, sequence: 2), ("r", pool)), TimeSpan.Zero);
        _history.Change();
        _time.Advance(LiveFeed.Least);

        Assert.Same(first, await _feed.LookAsync());
        // Whoever comes is shown what there is.
        using var late = Watch(other);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Same(first, await NextAsync(other));
        Assert.False(one.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task Look_OneRunnerOfTwoReports_LeavesTheOtherAsItWas()
    {
        Report(1, busy: 0);
        _view.Apply(Views.Full(Views.Runner(2), ("r", Views.Pool([10], 0))), TimeSpan.Zero);
        var before = await _feed.LookAsync();

        Report(2, busy: 1);
        var after = await _feed.LookAsync();

        Assert.NotSame(before.Cluster.Runners[0], after.Cluster.Runners[0]);
        Assert.Same(before.Cluster.Runners[1], after.Cluster.Runners[1]);
        Assert.Same(before.Calls, after.Calls);
    }

    private IDisposable Watch(Channel<LiveSnapshot> seen) => _feed.Watch(snapshot =>
    {
        seen.Writer.TryWrite(snapshot);
        return Task.CompletedTask;
    });

    private void Report(long sequence, int busy) => _view.Apply(Views.Full(Views.Runner(1, sequence), ("r", Views.Pool([10], busy))), TimeSpan.Zero);

    private static List<LiveSnapshot> Drain(Channel<LiveSnapshot> seen)
    {
        var snapshots = new List<LiveSnapshot>();
        while (seen.Reader.TryRead(out var snapshot))
            snapshots.Add(snapshot);
        return snapshots;
    }

    /// <summary>What each is shown next; their turns come one after the other as time goes on.</summary>
    private async Task<List<LiveSnapshot>> AllAsync(List<Channel<LiveSnapshot>> seen)
    {
        var snapshots = new List<LiveSnapshot>();
        foreach (var channel in seen)
            snapshots.Add(await NextAsync(channel));
        return snapshots;
    }

    /// <summary>What somebody is shown next: others, or what they have seen already, may have turns before.</summary>
    private async Task<LiveSnapshot> NextAsync(Channel<LiveSnapshot> seen)
    {
        const int MostTurns = 110;
        for (var turns = 0; turns < MostTurns && !seen.Reader.TryPeek(out _); turns++)
            _time.Advance(TurnPace.Least);
        return await seen.Reader.ReadAsync(Cancel);
    }
}
