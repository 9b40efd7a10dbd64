using System.Diagnostics;

namespace Fn.Runner.Resources;

/// <summary>The runner's memory account, in bytes: what containers may use together, and what is spoken for. Thread-safe.</summary>
internal sealed class MemoryLedger(long budget)
{
    private readonly Lock _lock = new();
    private long _reserved;

    /// <summary>Bytes that containers may use together.</summary>
    public long Budget { get; } = budget;

    /// <summary>Bytes spoken for by containers that exist or are being started.</summary>
    public long Reserved => Volatile.Read(ref _reserved);

    public long Free => Budget - Reserved;

    /// <summary>Reserves bytes if they are free. Null: they are not, and nothing was changed.</summary>
    public MemoryReservation? TryReserve(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_lock)
        {
            if (bytes > Budget - _reserved)
                return null;
            _reserved += bytes;
        }
        return new MemoryReservation(this, bytes);
    }

    internal void Release(long bytes)
    {
        lock (_lock)
        {
            _reserved -= bytes;
            Debug.Assert(_reserved >= 0, "More memory was given back than was reserved.");
        }
    }
}
