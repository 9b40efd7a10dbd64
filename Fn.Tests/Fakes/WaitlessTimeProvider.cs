using System.Collections.Concurrent;

namespace Fn.Tests.Fakes;

/// <summary>A clock on which every wait is over at once; it keeps how long they were to be.</summary>
internal sealed class WaitlessTimeProvider : TimeProvider
{
    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits.Enqueue(dueTime);
        return base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }
}
