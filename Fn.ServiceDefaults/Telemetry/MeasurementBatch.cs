namespace Fn.ServiceDefaults.Telemetry;

/// <summary>
/// What was measured of calls, told to the instruments many calls at a time. The code behind an instrument is long, and between two calls it leaves the
/// processor's caches (docs/adr/0015). Whoever collects has to <see cref="Flush"/> first. Thread-safe.
/// </summary>
/// <param name="tell">Tells the instruments of one of them; called by one thread at a time.</param>
public sealed class MeasurementBatch<T>(Action<T> tell)
    where T : struct
{
    /// <summary>So many are told together.</summary>
    public const int Size = 64;

    private readonly Lock _adding = new();
    private readonly Lock _telling = new();
    private T[] _added = new T[Size];
    private T[] _told = new T[Size];
    private int _count;

    /// <summary>Adds one. The caller whose it is that makes them enough tells them.</summary>
    public void Add(in T measured)
    {
        bool enough;
        while (!TryAdd(measured, out enough))
            Flush();
        if (enough)
            Flush();
    }

    /// <summary>Tells what has not been told. When it returns, all that was added before is told.</summary>
    public void Flush()
    {
        lock (_telling)
        {
            int count;
            lock (_adding)
            {
                (_added, _told) = (_told, _added);
                (count, _count) = (_count, 0);
            }
            var told = _told.AsSpan(0, count);
            foreach (ref readonly var measured in told)
                tell(measured);
            // What it refers to is not kept for whoever comes next.
            told.Clear();
        }
    }

    /// <summary>False: there is no room, since whoever made them enough has not come to tell them yet.</summary>
    private bool TryAdd(in T measured, out bool enough)
    {
        lock (_adding)
        {
            enough = false;
            if (_count == Size)
                return false;
            _added[_count++] = measured;
            enough = _count == Size;
            return true;
        }
    }
}
