using System.Diagnostics;

namespace Fn.Bench;

/// <summary>How long many of the same thing took. Not thread-safe.</summary>
internal sealed class Latencies
{
    private readonly List<long> _ticks = [];
    private bool _sorted;

    public int Count => _ticks.Count;

    /// <summary>Adds what began at a timestamp of <see cref="Stopwatch"/> and is over now.</summary>
    public void Since(long begun)
    {
        _ticks.Add(Stopwatch.GetTimestamp() - begun);
        _sorted = false;
    }

    public void Add(Latencies others)
    {
        _ticks.AddRange(others._ticks);
        _sorted = false;
    }

    /// <summary>Microseconds that the given part of them did not exceed; 0 without any.</summary>
    public double Micros(double quantile)
    {
        if (_ticks.Count == 0)
            return 0;
        if (!_sorted)
            _ticks.Sort();
        _sorted = true;
        var at = (int)Math.Ceiling(quantile * _ticks.Count) - 1;
        return _ticks[Math.Clamp(at, 0, _ticks.Count - 1)] * 1e6 / Stopwatch.Frequency;
    }
}
