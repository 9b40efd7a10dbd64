using System.Collections.Immutable;
using Fn.Api.History;

namespace Fn.Api.Dashboard.Live;

/// <summary>
/// Tells everybody who looks at the dashboard what is new. Hears of changes only while somebody looks, makes of those that come together one snapshot, at
/// most one each <see cref="Least"/>, and makes it once for all of them. Each is shown the latest when it is their turn. Thread-safe.
/// </summary>
internal sealed partial class LiveFeed : IDisposable
{
    /// <summary>Least time between two snapshots: quick enough to be live, and no more than people can read.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly LiveSources _sources;
    private readonly LiveSketch _sketch;
    private readonly ViewerTurns _turns;
    private readonly TimeProvider _time;
    private readonly ILogger<LiveFeed> _logger;
    private readonly ITimer _timer;

    // Figures are of the last minutes, so they change when nothing happens too.
    private readonly ITimer _slide;

    // Guarded by _lock.
    private ImmutableArray<ViewerTurn> _watchers = [];
    private IDisposable? _hearing;
    private bool _due;
    private long? _publishedAt;

    private LiveSnapshot? _published;

    public LiveFeed(LiveSources sources, LiveSketch sketch, ViewerTurns turns, TimeProvider time, ILogger<LiveFeed> logger)
    {
        (_sources, _sketch, _turns, _time, _logger) = (sources, sketch, turns, time, logger);
        _timer = time.CreateTimer(static feed => _ = ((LiveFeed)feed!).PublishAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _slide = time.CreateTimer(static feed => ((LiveFeed)feed!).OnCallsChanged(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How it is now.</summary>
    public Task<LiveSnapshot> LookAsync()
    {
        // While nobody watches nobody hears of changes either.
        if (_watchers.IsEmpty)
        {
            _sketch.ClusterChanged();
            _sketch.CallsChanged();
        }
        return _sketch.DrawAsync();
    }

    /// <summary>What became of a function's calls, in steps.</summary>
    public Series SeriesOf(string functionId) => _sketch.Calls.SeriesOf(functionId);

    /// <summary>What a function's calls of the last 24 hours came to.</summary>
    public DayCosts DayOf(string functionId) => _sketch.Calls.DayOf(functionId);

    /// <summary>Shows somebody what is new from now on. Dispose to end it.</summary>
    /// <param name="seen">Is given the latest snapshot when it is their turn; completes when that is drawn.</param>
    public IDisposable Watch(Func<LiveSnapshot, Task> seen)
    {
        LiveSnapshot? shown = null;
        var turn = _turns.Join(() =>
        {
            var latest = _sketch.Latest!;
            return ReferenceEquals(Interlocked.Exchange(ref shown, latest), latest) ? Task.CompletedTask : seen(latest);
        });
        lock (_lock)
        {
            _watchers = _watchers.Add(turn);
            if (_watchers.Length == 1)
                HookLocked();
        }
        // Whoever just came may have looked before the others were told of something.
        if (_sketch.Latest is not null)
            turn.Ask();
        return new Watcher(this, turn);
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
    }

    private void HookLocked()
    {
        _hearing = _sources.Hear(OnClusterChanged, OnCallsChanged, OnDefinitionsChanged);
        _slide.Change(CallWindow.Step / 2, CallWindow.Step / 2);
        // Whoever just came may have looked before the feed began to hear of changes.
        _sketch.ClusterChanged();
        _sketch.CallsChanged();
        ScheduleLocked();
    }

    private void UnhookLocked()
    {
        _hearing?.Dispose();
        _hearing = null;
        _slide.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _sketch.Calls.Forget();
    }

    private void Forget(ViewerTurn turn)
    {
        turn.Dispose();
        lock (_lock)
        {
            if (!_watchers.Contains(turn))
                return;
            _watchers = _watchers.Remove(turn);
            if (_watchers.IsEmpty)
                UnhookLocked();
        }
    }

    private void OnClusterChanged()
    {
        _sketch.ClusterChanged();
        Schedule();
    }

    private void OnCallsChanged()
    {
        _sketch.CallsChanged();
        Schedule();
    }

    private void OnDefinitionsChanged()
    {
        _sketch.DefinitionsChanged();
        Schedule();
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
        ImmutableArray<ViewerTurn> watchers;
        lock (_lock)
        {
            // Before it is drawn: what changes from here on is due again.
            _due = false;
            _publishedAt = _time.GetTimestamp();
            watchers = _watchers;
        }
        try
        {
            var snapshot = await _sketch.DrawAsync();
            // Not the latest but what was told last: somebody who just came may have had a later one drawn.
            if (ReferenceEquals(Interlocked.Exchange(ref _published, snapshot), snapshot))
                return;
            foreach (var turn in watchers)
                turn.Ask();
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

    private sealed class Watcher(LiveFeed feed, ViewerTurn turn) : IDisposable
    {
        public void Dispose() => feed.Forget(turn);
    }

    private static partial class Log
    {
        [LoggerMessage(1310, LogLevel.Warning, "What the dashboard shows could not be brought up to date")]
        public static partial void NotDrawn(ILogger logger, Exception exception);
    }
}
