namespace Fn.Runner.Calls;

/// <summary>Counts the calls between their offer and their end, so that a stopping runner can await them. Thread-safe.</summary>
internal sealed class ActiveCalls
{
    private readonly TaskCompletionSource _none = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private volatile bool _awaited;

    public int Count => Volatile.Read(ref _count);

    public void Enter() => Interlocked.Increment(ref _count);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0 && _awaited)
            _none.TrySetResult();
    }

    /// <summary>Completes when no call is left. To be asked once no new ones come.</summary>
    public Task WhenNoneAsync()
    {
        _awaited = true;
        // Thread A leaves last before thread B sets the flag: then B sees the count.
        return Count == 0 ? Task.CompletedTask : _none.Task;
    }
}
