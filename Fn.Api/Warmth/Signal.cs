namespace Fn.Api.Warmth;

/// <summary>Wakes one waiter; rings that come before it waits are one. Thread-safe.</summary>
internal sealed class Signal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _taken;

    public void Ring()
    {
        lock (_lock)
            _next.TrySetResult();
    }

    /// <summary>Completes at the next ring, or at once when there was one since the last time this was completed.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            if (_taken && _next.Task.IsCompleted)
                _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _taken = true;
            return _next.Task;
        }
    }
}
