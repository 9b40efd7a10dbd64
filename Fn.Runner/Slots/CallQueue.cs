namespace Fn.Runner.Slots;

/// <summary>Counts the calls that wait on this runner, and bounds them. Thread-safe.</summary>
internal sealed class CallQueue(int most)
{
    private int _waiting;

    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Counts one more waiting call, unless there are as many as allowed.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _waiting) <= most)
            return true;
        Interlocked.Decrement(ref _waiting);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _waiting);
}
