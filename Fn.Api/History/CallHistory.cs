using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace Fn.Api.History;

/// <summary>
/// The calls that are over. Those who end calls only put them into a queue; whoever reads, or the <see cref="HistoryWorker"/> once a second, takes them out
/// and does the work.
/// </summary>
internal sealed class CallHistory : ICallHistory, ICallHearer, IDisposable
{
    /// <summary>Calls that may be in the queue: a second's worth of more than a gateway can serve. Those beyond are lost to the history.</summary>
    private const int MaxPending = 100_000;

    /// <summary>
    /// Calls in the queue that are taken in at once. What a call leaves is then gone before the garbage collector comes, which would otherwise have to move a
    /// second's worth of it, while calls wait.
    /// </summary>
    private const int ManyPending = 256;

    private readonly HistoryOptions _options;
    private readonly ICallShare _share;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<EndedCall> _pending = new();
    private readonly CallStore _store;
    private readonly CallStatistics _statistics;
    private readonly CallBatchBuilder _batch;
    private readonly ITimer _owed;
    private readonly Channel<bool> _rung = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly List<Action> _subscribers = [];
    private readonly HeardBatches _heard = new();
    private int _ringing;
    private int _draining;
    private int _count;
    private bool _changed;

    public CallHistory(IOptions<HistoryOptions> options, ICallShare share, TimeProvider time)
    {
        (_options, _share, _time) = (options.Value, share, time);
        _store = new CallStore(_options, time);
        _statistics = new CallStatistics(time);
        _batch = new CallBatchBuilder(_options.MaxShared, time);
        _owed = time.CreateTimer(static history => ((CallHistory)history!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public TimeSpan Keep => _options.Keep;

    /// <summary>A call is over. On the way of every call: it costs an entry in a queue.</summary>
    public void Record(in EndedCall call)
    {
        var count = Interlocked.Increment(ref _count);
        if (count > MaxPending)
        {
            Interlocked.Decrement(ref _count);
            return;
        }
        _pending.Enqueue(call);
        if (Volatile.Read(ref _ringing) == 0)
            Ring();
        if (count >= ManyPending && Volatile.Read(ref _draining) == 0 && Interlocked.Exchange(ref _draining, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static history => history.Drain(), this, preferLocal: false);
    }

    public IReadOnlyList<CallRecord> Recent(CallFilter filter)
    {
        lock (_lock)
        {
            DrainLocked();
            return _store.Find(filter);
        }
    }

    public CallRecord? Find(string callId)
    {
        lock (_lock)
        {
            DrainLocked();
            return _store.TryGet(callId, out var call) ? call : null;
        }
    }

    public CallSeries Series(string? functionId)
    {
        lock (_lock)
        {
            DrainLocked();
            return _statistics.Series(functionId);
        }
    }

    public IReadOnlyDictionary<string, CallFigures> Figures()
    {
        lock (_lock)
        {
            DrainLocked();
            return _statistics.Figures();
        }
    }

    public CallCosts Day(string? functionId)
    {
        lock (_lock)
        {
            DrainLocked();
            return _statistics.Hours.Day(_statistics.Hour, functionId);
        }
    }

    public IReadOnlyDictionary<string, CallCosts> Days()
    {
        lock (_lock)
        {
            DrainLocked();
            return _statistics.Days();
        }
    }

    public IDisposable Subscribe(Action changed)
    {
        var subscription = new Subscription(this, changed);
        lock (_lock)
            _subscribers.Add(subscription.Tell);
        return subscription;
    }

    public void Hear(CallBatch batch, TimeSpan age)
    {
        lock (_lock)
        {
            // Heard on the channel, and read again after a loss of the connection.
            if (!_heard.Add(batch.Gateway, batch.Sequence))
                return;
            var now = _time.GetUtcNow();
            foreach (var (call, ago) in batch.Calls)
            {
                var before = age + TimeSpan.FromMilliseconds(ago);
                if (before < _options.Keep)
                    _store.Add(call with { ReceivedAt = now - before });
            }
            _statistics.Add(batch.Tallies.ToDictionary(pair => pair.Key, pair => pair.Value.ToTally(), StringComparer.Ordinal), age);
            _changed = true;
        }
        Ring();
    }

    public void Hear(HourOfCalls hour, TimeSpan age)
    {
        lock (_lock)
            _statistics.Hours.Hear(hour.Gateway, hour.Hour, _statistics.Hour - (long)age.TotalHours, hour.ToCosts());
    }

    public void Forget(string gateway)
    {
        lock (_lock)
            _heard.Forget(gateway);
    }

    /// <summary>Completes when there is something new.</summary>
    public async Task WaitAsync(CancellationToken cancel)
    {
        await _rung.Reader.ReadAsync(cancel);
        Volatile.Write(ref _ringing, 0);
    }

    /// <summary>Takes in what is pending and tells the subscribers. Returns what there is to tell other gateways; null: nothing.</summary>
    public (CallBatch? Batch, HourOfCalls? Hour) Turn(string gateway)
    {
        Action[] told = [];
        (CallBatch?, HourOfCalls?) news;
        lock (_lock)
        {
            DrainLocked();
            if (_changed)
                told = [.. _subscribers];
            _changed = false;
            news = _share.Shares ? (_batch.Take(gateway), _batch.TakeHour(gateway, _statistics.Hour, _statistics.Hours)) : default;
            // Calls that came since the hour was told last may be the last for long.
            if (_batch.OwesHour)
                _owed.Change(CallBatchBuilder.HourEvery, Timeout.InfiniteTimeSpan);
        }
        foreach (var tell in told)
            tell();
        return news;
    }

    public void Dispose() => _owed.Dispose();

    private void Ring()
    {
        // Thread A rings while thread B does: one is enough.
        if (Interlocked.Exchange(ref _ringing, 1) == 0)
            _rung.Writer.TryWrite(true);
    }

    private void Drain()
    {
        lock (_lock)
        {
            Volatile.Write(ref _draining, 0);
            DrainLocked();
        }
    }

    private void DrainLocked()
    {
        while (_pending.TryDequeue(out var ended))
        {
            Interlocked.Decrement(ref _count);
            _changed = true;
            var counted = ended.Count(_time);
            _statistics.Add(counted);
            if (_share.Shares)
                _batch.Add(counted);
            if (!_store.Admit(counted))
                continue;
            var call = ended.ToRecord(_time);
            _store.Add(call);
            if (_share.Shares)
                _batch.Add(call);
        }
    }

    private sealed class Subscription(CallHistory history, Action changed) : IDisposable
    {
        // Its own, so that the same action can be subscribed twice.
        public void Tell() => changed();

        public void Dispose()
        {
            lock (history._lock)
                history._subscribers.Remove(Tell);
        }
    }
}
