namespace Fn.Api.Store;

/// <summary>
/// Tells those who keep what they read in the store that it was written: by this process after the write and before it is answered, and by others as soon as
/// it is heard of. Thread-safe.
/// </summary>
internal sealed class StoreChanges
{
    /// <summary>Handlers run on the writer's thread; they are short and do not throw.</summary>
    public event Action<StoreChange>? Changed;

    public void Raise(StoreChange change) => Changed?.Invoke(change);
}
