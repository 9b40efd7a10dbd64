using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Registry;

namespace Fn.Runner.Slots;

/// <summary>What others are told of the pool.</summary>
internal sealed partial class SlotPool
{
    private long _usedAt;
    private bool _changed;

    public PoolStatus GetStatus()
    {
        lock (_lock)
        {
            return new PoolStatus
            {
                FunctionId = Function.FunctionId,
                Revision = Function.Revision,
                Idle = _idle.Count,
                Busy = _busy.Count,
                Starting = _requested.Count + _launching,
                Stopping = _stopping,
                Waiting = _waiters.Count,
                ServiceMs = _statistics.Service?.TotalMilliseconds,
                StartMs = _statistics.Start.TotalMilliseconds,
                Floor = _floor,
                Started = Started,
            };
        }
    }

    /// <summary>What the hot registry is told; from here on a change is reported again.</summary>
    /// <param name="origin">The timestamp at which the runner's uptime began.</param>
    public PoolRecord TakeRecord(long origin)
    {
        lock (_lock)
        {
            _changed = false;
            var start = _statistics.Start;
            return new PoolRecord
            {
                FunctionId = Function.FunctionId,
                Memory = Function.MemoryBytes,
                Idle = _idle.Count,
                Busy = _busy.Count,
                Starting = _requested.Count + _launching,
                Waiting = _waiters.Count,
                Floor = _floor,
                ServiceMs = Rounded(_statistics.Service),
                StartMs = Rounded(start + _services.Dispatcher.ExpectedWait(start))!.Value,
                UsedAt = Uptime(_usedAt),
                RunningSince = OldestRunningLocked() is { } age ? Uptime(_time.GetTimestamp()) - (long)age.TotalMilliseconds : null,
                // Least recently used first: the list is a stack.
                IdleSince = _idle.Count == 0 ? [] : [.. _idle.Take(PoolRecord.MostIdleListed).Select(container => Uptime(container.IdleSince))],
                IdleTimeoutMs = (long)Function.IdleTimeout.TotalMilliseconds,
            };
        }

        long Uptime(long timestamp) => Math.Max(0, (long)_time.GetElapsedTime(origin, timestamp).TotalMilliseconds);
    }

    private void ChangedLocked()
    {
        if (_changed || _services.Changes is not { } changes)
            return;
        _changed = true;
        changes.Add(this);
    }

    private static double? Rounded(TimeSpan? span) => span is { } value ? Math.Round(value.TotalMilliseconds, 2) : null;
}
