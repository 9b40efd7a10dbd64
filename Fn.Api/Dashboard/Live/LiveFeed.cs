using System.Collections.Immutable;
using Fn.Api.History;
using Fn.Api.Placement;
using Fn.Api.Store;

namespace Fn.Api.Dashboard.Live;

/// <summary>
/// Tells everybody who looks at the dashboard what is new. Hears of changes only while somebody looks, makes of those that come together one snapshot, at
/// most one each <see cref="Least"/>, and makes it once for all of them. Thread-safe.
/// </summary>
internal sealed partial class LiveFeed : IDisposable
{
    /// <summary>Least time between two snapshots: quick enough to be live, and no more than people can read.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _drawing = new(1);
    private readonly ClusterView _view;
    private readonly ClusterSketch _cluster;
    private readonly ICallHistory _history;
    private readonly StoreChanges _store;
    private readonly TimeProvider _time;
    private readonly ILogger<LiveFeed> _logger;
    private readonly ITimer _timer;

    // Figures are of the last minutes, so they change when nothing happens too.
    private readonly ITimer _slide;

    // Guarded by _lock.
    private ImmutableArray<Action<LiveSnapshot>> _watchers = [];
    private IDisposable? _calls;
    private bool _due;
    private long? _publishedAt;

    // What has changed since the latest snapshot, and how often definitions have.
    private volatile bool _clusterChanged = true;
    private volatile bool _callsChanged = true;
    private long _definitions;
    private LiveSnapshot? _latest;

    public LiveFeed(ClusterView view, ClusterSketch cluster, ICallHistory history, StoreChanges store, TimeProvider time, ILogger<LiveFeed> logger)
    {
        (_view, _cluster, _history, _store, _time, _logger) = (view, cluster, history, store, time, logger);
        _timer = time.CreateTimer(static feed => _ = ((LiveFeed)feed!).PublishAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _slide = time.CreateTimer(static feed => ((LiveFeed)feed!).OnCallsChanged(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How it is now.</summary>
    public async Task<LiveSnapshot> LookAsync()
    {
        // While nobody watches nobody hears of changes either.
        if (_watchers.IsEmpty)
            _clusterChanged = _callsChanged = true;
        return await DrawAsync();
    }

    /// <summary>What became of a function's calls, in steps.</summary>
    public Series SeriesOf(string functionId) => Series.From(_history.Series(functionId), _time.GetUtcNow());

    /// <summary>What a function's calls of the last 24 hours came to.</summary>
    public DayCosts DayOf(string functionId) => DayCosts.From(_history.Day(functionId));

    /// <summary>Calls <paramref name="seen"/> with every new snapshot, on a thread of the feed; it is short and does not throw. Dispose to end it.</summary>
    public IDisposable Watch(Action<LiveSnapshot> seen)
    {
        LiveSnapshot? latest = null;
        lock (_lock)
        {
            _watchers = _watchers.Add(seen);
            if (_watchers.Length == 1)
                HookLocked();
            else
                latest = Volatile.Read(ref _latest);
        }
        // Whoever just came may have looked before the others were told of something.
        if (latest is not null)
            seen(latest);
        return new Watcher(this, seen);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _watchers = [];
            UnhookLocked();
        }
        _timer.Dispose();
        _slide.Dispose();
        _drawing.Dispose();
    }

    private void HookLocked()
    {
        _view.Changed += OnClusterChanged;
        _store.Changed += OnStoreChanged;
        _calls = _history.Subscribe(OnCallsChanged);
        _slide.Change(CallWindow.Step / 2, CallWindow.Step / 2);
        _clusterChanged = _callsChanged = true;
        // Whoever just came may have looked before the feed began to hear of changes.
        ScheduleLocked();
    }

    private void UnhookLocked()
    {
        _view.Changed -= OnClusterChanged;
        _store.Changed -= OnStoreChanged;
        _calls?.Dispose();
        _calls = null;
        _slide.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void Forget(Action<LiveSnapshot> seen)
    {
        lock (_lock)
        {
            if (!_watchers.Contains(seen))
                return;
            _watchers = _watchers.Remove(seen);
            if (_watchers.IsEmpty)
                UnhookLocked();
        }
    }

    private void OnClusterChanged()
    {
        _clusterChanged = true;
        Schedule();
    }

    private void OnCallsChanged()
    {
        _callsChanged = true;
        Schedule();
    }

    private void OnStoreChanged(StoreChange change)
    {
        Interlocked.Increment(ref _definitions);
        // Names and idle timeouts are part of it.
        OnClusterChanged();
    }

    private void Schedule()
    {
        lock (_lock)
            ScheduleLocked();
    }

    private void ScheduleLocked()
    {
        if (_due || _watchers.IsEmpty)
            return;
        _due = true;
        var rest = _publishedAt is { } last ? Least - _time.GetElapsedTime(last) : TimeSpan.Zero;
        _timer.Change(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task PublishAsync()
    {
        ImmutableArray<Action<LiveSnapshot>> watchers;
        lock (_lock)
        {
            // Before it is drawn: what changes from here on is due again.
            _due = false;
            _publishedAt = _time.GetTimestamp();
            watchers = _watchers;
        }
        try
        {
            var snapshot = await DrawAsync();
            foreach (var seen in watchers)
                seen(snapshot);
        }
        catch (ObjectDisposedException)
        {
            // The gateway stops.
        }
#pragma warning disable CA1031 // The store may be away; the next change tries again, and who looks sees what was known last.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.NotDrawn(_logger, e);
        }
    }

    private async Task<LiveSnapshot> DrawAsync()
    {
        await _drawing.WaitAsync();
        try
        {
            var (latest, definitions) = (_latest, Interlocked.Read(ref _definitions));
            // Thread A draws while thread B changes something: the mark is taken off first, so that B's change is drawn next time.
            var (drawCluster, drawCalls) = (_clusterChanged || latest is null, _callsChanged || latest is null);
            _clusterChanged = _callsChanged = false;
            if (!drawCluster && !drawCalls && latest!.Definitions == definitions)
                return latest;
            return _latest = new LiveSnapshot(
                drawCluster ? await _cluster.DrawAsync() : latest!.Cluster, drawCalls ? DrawCalls() : latest!.Calls, definitions);
        }
        catch
        {
            _clusterChanged = _callsChanged = true;
            throw;
        }
        finally
        {
            _drawing.Release();
        }
    }

    private CallsSight DrawCalls() => new(
        Series.From(_history.Series(null), _time.GetUtcNow()),
        DayCosts.From(_history.Day(null)),
        _history.Figures().ToDictionary(pair => pair.Key, pair => Figures.From(pair.Value), StringComparer.Ordinal),
        new DaysSight(_history.Days()));

    private sealed class Watcher(LiveFeed feed, Action<LiveSnapshot> seen) : IDisposable
    {
        public void Dispose() => feed.Forget(seen);
    }

    private static partial class Log
    {
        [LoggerMessage(1310, LogLevel.Warning, "What the dashboard shows could not be brought up to date")]
        public static partial void NotDrawn(ILogger logger, Exception exception);
    }
}
