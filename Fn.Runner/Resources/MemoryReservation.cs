namespace Fn.Runner.Resources;

/// <summary>A claim on a part of the <see cref="MemoryLedger"/>. Whoever holds it disposes it, once; disposing again does nothing.</summary>
internal sealed class MemoryReservation(MemoryLedger ledger, long bytes) : IDisposable
{
    private int _released;

    public long Bytes { get; } = bytes;

    /// <summary>Ends this claim without freeing its bytes: they are the caller's now. 0 when it had ended before.</summary>
    internal long TakeOver() => Interlocked.Exchange(ref _released, 1) == 0 ? Bytes : 0;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
            ledger.Release(Bytes);
    }
}
