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

    /// <summary>
    /// Turns reservations into one of <paramref name="bytes"/>, which they must cover; what they hold beyond it becomes free. The memory is never free in
    /// between, so nobody else can take it.
    /// </summary>
    public MemoryReservation Merge(long bytes, IReadOnlyCollection<MemoryReservation> parts)
    {
        var held = parts.Sum(part => part.TakeOver());
        Debug.Assert(held >= bytes, "Reservations cannot grow by merging.");
        Release(held - bytes);
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
