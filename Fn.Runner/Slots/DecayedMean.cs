namespace Fn.Runner.Slots;

/// <summary>A mean in which old samples fade: each new one counts for a fifth. Not thread-safe.</summary>
internal struct DecayedMean
{
    private const double Weight = 0.2;

    private double _ticks;

    /// <summary>Null before the first sample.</summary>
    public readonly TimeSpan? Value => HasValue ? TimeSpan.FromTicks((long)_ticks) : null;

    public bool HasValue { get; private set; }

    public void Add(TimeSpan sample)
    {
        _ticks = HasValue ? _ticks + Weight * (sample.Ticks - _ticks) : sample.Ticks;
        HasValue = true;
    }
}
