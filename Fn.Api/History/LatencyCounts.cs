using System.Numerics;

namespace Fn.Api.History;

/// <summary>
/// How often each duration came, to within 5 %: eight classes for each doubling, from one microsecond on. Only classes that came take memory, a few for
/// an ordinary function. Not thread-safe.
/// </summary>
internal sealed class LatencyCounts
{
    private const int ClassesPerDoubling = 8;

    /// <summary>Classes up to more than a day; longer ones count as that.</summary>
    public const int Classes = 37 * ClassesPerDoubling;

    private short[] _classes = [];
    private int[] _counts = [];
    private int _used;

    /// <summary>All durations that were added.</summary>
    public long Total { get; private set; }

    /// <summary>The classes that came, ascending, with how often.</summary>
    public IEnumerable<(int Class, int Count)> Counts => Enumerable.Range(0, _used).Select(i => ((int)_classes[i], _counts[i]));

    /// <summary>The class of a duration in microseconds.</summary>
    public static int ClassOf(long microseconds)
    {
        if (microseconds < 1)
            return 0;
        var doublings = BitOperations.Log2((ulong)microseconds);
        var part = (int)((microseconds - (1L << doublings)) * ClassesPerDoubling >> doublings);
        return Math.Min(doublings * ClassesPerDoubling + part, Classes - 1);
    }

    /// <summary>The middle of a class in milliseconds.</summary>
    public static double MillisecondsOf(int @class)
    {
        var start = Math.ScaleB(1 + @class % ClassesPerDoubling / (double)ClassesPerDoubling, @class / ClassesPerDoubling);
        return start * (1 + 0.5 / ClassesPerDoubling / (1 + @class % ClassesPerDoubling / (double)ClassesPerDoubling)) / 1000;
    }

    /// <summary>Adds durations of one class.</summary>
    public void Add(int @class, int count = 1)
    {
        Total += count;
        var at = Array.BinarySearch(_classes, 0, _used, (short)@class);
        if (at >= 0)
        {
            _counts[at] += count;
            return;
        }
        at = ~at;
        if (_used == _classes.Length)
        {
            Array.Resize(ref _classes, Math.Max(4, _used * 2));
            Array.Resize(ref _counts, _classes.Length);
        }
        Array.Copy(_classes, at, _classes, at + 1, _used - at);
        Array.Copy(_counts, at, _counts, at + 1, _used - at);
        (_classes[at], _counts[at]) = ((short)@class, count);
        _used++;
    }

    public void Add(LatencyCounts other)
    {
        for (var i = 0; i < other._used; i++)
            Add(other._classes[i], other._counts[i]);
    }

    /// <summary>The duration in milliseconds that the given share of all does not exceed; null when there is none.</summary>
    public double? Percentile(double share)
    {
        var rank = (long)Math.Ceiling(share * Total);
        for (var i = 0; i < _used; i++)
        {
            rank -= _counts[i];
            if (rank <= 0)
                return MillisecondsOf(_classes[i]);
        }
        return null;
    }
}
