namespace Fn.Runner.Calls;

/// <summary>Counts the calls between their offer and their end, so that a stopping runner can await them. Thread-safe.</summary>
internal sealed class ActiveCalls
{
    private readonly TaskCompletionSource _none = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private int _awaited;

    public int Count => Volatile.Read(ref _count);

    public void Enter() => Interlocked.Increment(ref _count);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0 && Volatile.Read(ref _awaited) != 0)
            _none.TrySetResult();
    }

    /// <summary>Completes when no call is left. To be asked once no new ones come.</summary>
    public Task WhenNoneAsync()
    {
        // Thread A leaves last while thread B sets the flag: both write with a full fence before they read, so A sees the flag or B the count.
        Interlocked.Exchange(ref _awaited, 1);
        return Count == 0 ? Task.CompletedTask : _none.Task;
    }
}
