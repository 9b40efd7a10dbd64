using System.Collections.Concurrent;
using Fn.ServiceDefaults.Contracts;

namespace Fn.ServiceDefaults.Telemetry;

/// <summary>
/// What functions are called in metrics: so many of them by their names, all others alike, so that the number of series is bounded however many functions
/// there are. A function that was not called for <see cref="Silence"/>, since it was deleted or is not needed, gives its place up once another one wants it.
/// A name costs a lookup, nothing more. Thread-safe.
/// </summary>
/// <param name="most">How many functions have their name at a time.</param>
/// <param name="time">The clock.</param>
public sealed class FunctionNames(int most, TimeProvider time)
{
    public const string Other = "_other";

    /// <summary>
    /// How often as many different names are told while the process runs. Series last as long as the process, also those of functions that are gone: places
    /// that were passed on without end would be series without end.
    /// </summary>
    public const int Generations = 2;

    /// <summary>A function that was not called for so long, or up to twice that, has no right to its place.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _swept = time.GetTimestamp();
    private int _count;

    public string Of(FunctionSpec function)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (!_places.TryGetValue(function.FunctionId, out var place))
            return Add(function);
        // Written only when it changes: all processors read it.
        if (!place.Used)
            place.Used = true;
        return place.Name;
    }

    /// <summary>The name in full, for spans.</summary>
    public static string Full(FunctionSpec function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return $"{function.AppName}/{function.FunctionName}";
    }

    private string Add(FunctionSpec function)
    {
        // Decided without the lock once all places are taken, which is when it is asked the most.
        if (Volatile.Read(ref _count) >= most && time.GetElapsedTime(Volatile.Read(ref _swept)) < Silence)
            return Other;
        lock (_lock)
        {
            if (_places.TryGetValue(function.FunctionId, out var known))
                return known.Name;
            if (_count >= most)
                SweepLocked();
            if (_count >= most)
                return Other;
            var name = Full(function);
            _places[function.FunctionId] = new Place(name);
            _told.Add(name);
            _count++;
            return name;
        }
    }

    /// <summary>Takes the places of those that were not called since the last time, as many as may still be passed on.</summary>
    private void SweepLocked()
    {
        if (time.GetElapsedTime(_swept) < Silence)
            return;
        Volatile.Write(ref _swept, time.GetTimestamp());
        var left = most * Generations - _told.Count;
        foreach (var (id, place) in _places)
        {
            if (place.Used)
                place.Used = false;
            else if (left > 0 && _places.TryRemove(id, out _))
                (left, _count) = (left - 1, _count - 1);
        }
    }

    private sealed class Place(string name)
    {
        public string Name { get; } = name;

        /// <summary>Whether it was asked for since the last sweep. Racy, and may be: a place that is lost by that comes back.</summary>
        public bool Used { get; set; } = true;
    }
}
