using Microsoft.Extensions.Time.Testing;

namespace Fn.Tests.Fakes;

/// <summary>A clock set by hand that says when somebody waits on it, so that a test advances it neither too early nor by sleeping.</summary>
internal sealed class WatchedTimeProvider : FakeTimeProvider
{
    private readonly TaskCompletionSource _timer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first timer exists.</summary>
    public Task TimerCreated => _timer.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != Timeout.InfiniteTimeSpan)
            _timer.TrySetResult();
        return timer;
    }
}
