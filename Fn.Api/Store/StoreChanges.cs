namespace Fn.Api.Store;

/// <summary>Tells those who keep what they read in the store of this process's writes: after the write, before it is answered. Thread-safe.</summary>
internal sealed class StoreChanges
{
    /// <summary>Handlers run on the writer's thread; they are short and do not throw.</summary>
    public event Action<StoreChange>? Changed;

    public void Raise(StoreChange change) => Changed?.Invoke(change);
}
