using System.Collections.Concurrent;

namespace Fn.Runner.Slots;

/// <summary>
/// The pools whose numbers changed since somebody took them, for the runner's reports. A pool that changes a thousand times in between is in it once.
/// Thread-safe.
/// </summary>
internal sealed class PoolChanges
{
    private readonly ConcurrentQueue<SlotPool> _pools = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiting;
    private bool _rung;

    /// <summary>Called by a pool under its lock, once until it is taken.</summary>
    public void Add(SlotPool pool)
    {
        _pools.Enqueue(pool);
        Ring();
    }

    /// <summary>Something else changed that is worth a report.</summary>
    public void Ring()
    {
        lock (_lock)
        {
            _rung = true;
            _waiting?.TrySetResult();
            _waiting = null;
        }
    }

    /// <summary>Completes when something has changed since the last time this was awaited.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            if (!_rung)
                return (_waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            _rung = false;
            return Task.CompletedTask;
        }
    }

    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SlotPool? pool) => _pools.TryDequeue(out pool);
}
