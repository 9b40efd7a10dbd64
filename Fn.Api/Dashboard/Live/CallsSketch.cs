using System.Collections.Concurrent;
using Fn.Api.History;

namespace Fn.Api.Dashboard.Live;

/// <summary>
/// Draws what became of calls lately. What has not changed since it was drawn before is the same object again, so that whoever shows it sees at a glance that
/// there is nothing to do: figures are of whole steps, so mostly nothing has. Thread-safe, but for <see cref="Draw"/>, which is for one at a time.
/// </summary>
internal sealed class CallsSketch(ICallHistory history, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, (long Drawing, Series Series)> _series = new(StringComparer.Ordinal);
    private long _drawings;

    public CallsSight Draw(CallsSight? before)
    {
        Interlocked.Increment(ref _drawings);
        var all = Series.From(history.Series(null), time.GetUtcNow(), before?.All);
        var day = DayCosts.From(history.Day(null));
        var byFunction = history.Figures().ToDictionary(pair => pair.Key, pair => Figures.From(pair.Value), StringComparer.Ordinal);
        var days = history.Days();
        if (before is null)
            return new CallsSight(all, day, byFunction, new DaysSight(days));
        var sight = new CallsSight(
            all,
            day == before.Day ? before.Day : day,
            IsSame(byFunction, before.ByFunction) ? before.ByFunction : byFunction,
            before.DayByFunction.Shows(days) ? before.DayByFunction : new DaysSight(days));
        return sight == before ? before : sight;
    }

    /// <summary>What became of a function's calls, in steps; reckoned once for all who look at it.</summary>
    public Series SeriesOf(string functionId)
    {
        var drawing = Interlocked.Read(ref _drawings);
        var known = _series.GetValueOrDefault(functionId);
        if (known.Series is not null && known.Drawing == drawing)
            return known.Series;
        var series = Series.From(history.Series(functionId), time.GetUtcNow(), known.Series);
        _series[functionId] = (drawing, series);
        return series;
    }

    /// <summary>What a function's calls of the last 24 hours came to.</summary>
    public DayCosts DayOf(string functionId) => DayCosts.From(history.Day(functionId));

    /// <summary>Nobody looks any more.</summary>
    public void Forget() => _series.Clear();

    private static bool IsSame(Dictionary<string, Figures> now, IReadOnlyDictionary<string, Figures> before) =>
        now.Count == before.Count && now.All(pair => before.TryGetValue(pair.Key, out var figures) && figures == pair.Value);
}
