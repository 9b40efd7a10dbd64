using System.Collections.Concurrent;
using Fn.Runner.Drivers;

namespace Fn.Runner.Slots;

/// <summary>What a start usually takes with each driver: the guess for functions that were never started. Thread-safe.</summary>
internal sealed class DriverStarts
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public TimeSpan Mean(IContainerDriver driver)
    {
        var entry = Get(driver);
        lock (entry.Lock)
            return entry.Mean.Value ?? driver.TypicalStart;
    }

    public void Add(IContainerDriver driver, TimeSpan sample)
    {
        var entry = Get(driver);
        lock (entry.Lock)
            entry.Mean.Add(sample);
    }

    private Entry Get(IContainerDriver driver) => _entries.GetOrAdd(driver.Name, static _ => new Entry());

    private sealed class Entry
    {
        public readonly Lock Lock = new();
        public DecayedMean Mean;
    }
}
