namespace Fn.Api.History;

/// <summary>The calls of the last minutes, in steps, of one function or of all. Not thread-safe.</summary>
internal sealed class CallWindow
{
    /// <summary>Length of a step.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    /// <summary>Steps that are kept: five minutes.</summary>
    public const int Steps = 60;

    // One more than is shown: the step that is not over yet.
    private readonly CallTally?[] _ring = new CallTally?[Steps + 1];
    private long _latest = long.MinValue;

    /// <summary>The tally of the calls that ended in a step; null: it is no longer kept.</summary>
    /// <param name="step">Number of the step, rising with time.</param>
    public CallTally? At(long step)
    {
        MoveTo(step);
        return step > _latest - _ring.Length ? _ring[Slot(step)] ??= new CallTally() : null;
    }

    /// <summary>The whole steps before <paramref name="now"/>, oldest first; null where nothing was called.</summary>
    public IEnumerable<CallTally?> Before(long now)
    {
        MoveTo(now);
        for (var step = now - Steps; step < now; step++)
            yield return _ring[Slot(step)];
    }

    private void MoveTo(long step)
    {
        if (_latest == long.MinValue)
            _latest = step;
        for (var next = Math.Max(_latest + 1, step - _ring.Length + 1); next <= step; next++)
            _ring[Slot(next)] = null;
        _latest = Math.Max(_latest, step);
    }

    private int Slot(long step) => (int)(((step % _ring.Length) + _ring.Length) % _ring.Length);
}
