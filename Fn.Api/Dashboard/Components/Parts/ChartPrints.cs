using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fn.Api.Dashboard.Live;
using Microsoft.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Parts;

/// <summary>
/// Charts as markup, made once for all who look at the same series by clocks that go alike. As a tree of elements a chart has hundreds, which would be made
/// and compared for each of them. Thread-safe.
/// </summary>
internal sealed class ChartPrints
{
    // Kept as long as the series.
    private readonly ConditionalWeakTable<Series, ConcurrentDictionary<(Chart, TimeSpan), MarkupString>> _prints = [];

    /// <summary>All of a chart but its title and its present values.</summary>
    public MarkupString Of(Chart chart, Series series, BrowserClock clock) => _prints.GetOrCreateValue(series).GetOrAdd(
        (chart, clock.Offset), static (key, state) => new MarkupString(new ChartPrint(state.Chart, state.Series, state.Clock).ToMarkup()), (Chart: chart, Series: series, Clock: clock));
}
