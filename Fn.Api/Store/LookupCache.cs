using System.Collections.Concurrent;

namespace Fn.Api.Store;

/// <summary>
/// What was looked up in the store, kept until a write changes it. A hit is one dictionary read, without a lock or an allocation. Misses on one key share
/// one load. That a key is not there is kept too, in a place of its own, so that unknown keys push nothing out. Thread-safe.
/// </summary>
/// <param name="capacity">Most entries kept; those not used since the last clearing go first.</param>
/// <param name="load">Looks a key up in the store; null when it is not there.</param>
internal sealed class LookupCache<TKey, TValue>(int capacity, Func<TKey, Task<TValue?>> load)
    where TKey : notnull
    where TValue : class
{
    /// <summary>Most keys kept as not there.</summary>
    public const int AbsentCapacity = 2000;

    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();

    // Written under _lock.
    private readonly ConcurrentDictionary<TKey, bool> _absent = new();
    private readonly Lock _lock = new();

    // Guarded by _lock. A load is in here only as long as no write came after it began: every write empties it. So a load that finds itself here when it
    // is done may be kept, and one that does not was begun before a write and may be out of date. Thread A loads the old row, thread B writes and clears,
    // A is done: without this A would keep the old row for good.
    private readonly Dictionary<TKey, Task<TValue?>> _loads = [];

    /// <summary>How many entries are kept.</summary>
    public int Count => _entries.Count;

    /// <summary>How many keys are kept as not there.</summary>
    public int AbsentCount => _absent.Count;

    /// <param name="key">What to look up.</param>
    /// <param name="cancel">Ends the wait, not the load: others may wait for it.</param>
    public ValueTask<TValue?> GetAsync(TKey key, CancellationToken cancel)
    {
        if (!_entries.TryGetValue(key, out var entry))
            return _absent.ContainsKey(key) ? default : new ValueTask<TValue?>(JoinLoad(key).WaitAsync(cancel));
        entry.MarkUsed();
        return new ValueTask<TValue?>(entry.Value);
    }

    /// <summary>Forgets one key. Called after the write that changed it, before the write is answered.</summary>
    public void Drop(TKey key)
    {
        lock (_lock)
        {
            _loads.Clear();
            _entries.TryRemove(key, out _);
            _absent.TryRemove(key, out _);
        }
    }

    /// <summary>Forgets what matches, looking at every entry, and all that was not there: a write that makes a key appear need not know the key.</summary>
    public void DropWhere(Func<TKey, TValue, bool> matches)
    {
        lock (_lock)
        {
            _loads.Clear();
            _absent.Clear();
            foreach (var (key, entry) in _entries)
            {
                if (matches(key, entry.Value))
                    _entries.TryRemove(key, out _);
            }
        }
    }

    private Task<TValue?> JoinLoad(TKey key)
    {
        TaskCompletionSource<TValue?> mine;
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var entry))
                return Task.FromResult<TValue?>(entry.Value);
            if (_absent.ContainsKey(key))
                return Task.FromResult<TValue?>(null);
            if (_loads.TryGetValue(key, out var running))
                return running;
            mine = new TaskCompletionSource<TValue?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _loads.Add(key, mine.Task);
        }
        // Outside the lock: a store may do its work before it returns. Nothing is lost by not awaiting: whatever happens ends up in the task handed out.
        _ = LoadAsync(key, mine);
        return mine.Task;
    }

    private async Task LoadAsync(TKey key, TaskCompletionSource<TValue?> mine)
    {
        try
        {
            var value = await load(key);
            Finish(key, mine.Task, () => KeepLocked(key, value));
            mine.SetResult(value);
        }
        catch (Exception e)
        {
            Finish(key, mine.Task, static () => { });
            mine.SetException(e);
        }
    }

    private void Finish(TKey key, Task<TValue?> load, Action keepLocked)
    {
        lock (_lock)
        {
            if (!_loads.TryGetValue(key, out var registered) || registered != load)
                return;
            _loads.Remove(key);
            keepLocked();
        }
    }

    private void KeepLocked(TKey key, TValue? value)
    {
        if (value is not null)
        {
            if (_entries.Count >= capacity)
                MakeRoomLocked();
            _entries[key] = new Entry(value);
            return;
        }
        // All at once, so that it is paid for by many look-ups.
        if (_absent.Count >= AbsentCapacity)
            _absent.Clear();
        _absent[key] = true;
    }

    // Takes a quarter out, so that this scan is paid for by many inserts.
    private void MakeRoomLocked()
    {
        var surplus = _entries.Count - (capacity * 3 / 4);
        for (var round = 0; round < 2 && surplus > 0; round++)
        {
            foreach (var (key, entry) in _entries)
            {
                if (surplus > 0 && !entry.TakeUsed() && _entries.TryRemove(key, out _))
                    surplus--;
            }
        }
    }

    private sealed class Entry(TValue value)
    {
        private volatile bool _used;

        public TValue Value { get; } = value;

        public void MarkUsed()
        {
            // Written only when it changes: the line stays shared between the processors that read it.
            if (!_used)
                _used = true;
        }

        public bool TakeUsed()
        {
            var used = _used;
            _used = false;
            return used;
        }
    }
}
