using System.Xml.Linq;
using Fn.Api.Dashboard.Components.Parts;
using Fn.Api.Dashboard.Live;
using Fn.Api.History;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class ChartPrintsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly ChartPrints _prints = new();

    [Fact]
    public void Of_SameSeriesAndClock_IsMadeOnce()
    {
        var series = Of([10, 20], TimeSpan.Zero, null);

        var print = _prints.Of(Chart.Calls, series, BrowserClock.Utc).Value;

        Assert.Same(print, _prints.Of(Chart.Calls, series, new BrowserClock(TimeSpan.Zero)).Value);
        Assert.NotEqual(print, _prints.Of(Chart.Calls, series, new BrowserClock(TimeSpan.FromHours(1))).Value);
        Assert.NotEqual(print, _prints.Of(Chart.ColdShare, series, BrowserClock.Utc).Value);
    }

    [Fact]
    public void Of_Calls_HasEachStepWithItsTimeAndValues()
    {
        var print = XElement.Parse($"<x>{_prints.Of(Chart.Calls, Of([0, 20], TimeSpan.Zero, null), BrowserClock.Utc).Value}</x>");

        Assert.Equal(["03:03:55\nall: 0/s\nfailed: –", "03:04:00\nall: 4.0/s\nfailed: –"], print.Descendants("title").Select(title => title.Value));
        Assert.Equal("Calls of the last 10 s, at most 5.0/s. Latest: all 4.0/s, failed –", print.Descendants("svg").First().Attribute("aria-label")!.Value);
    }

    [Fact]
    public void Of_ValueWithASignOfMarkup_IsText()
    {
        var series = new Series(TimeSpan.FromSeconds(5), [Figures.None with { Calls = 100_000, Cold = 1 }], Now);

        var print = _prints.Of(Chart.ColdShare, series, BrowserClock.Utc).Value;

        Assert.Contains("cold: &lt; 0.1 %", print, StringComparison.Ordinal);
    }

    [Fact]
    public void From_SameStep_IsTheSameSeriesUntilSomethingChanges()
    {
        var first = Of([1, 2], TimeSpan.FromSeconds(0.1), null);

        Assert.Same(first, Of([1, 2], TimeSpan.FromSeconds(0.1001), first));
        var counted = Of([1, 3], TimeSpan.FromSeconds(0.1001), first);
        Assert.NotEqual(first, counted);
        Assert.Equal(first.EndsAt, counted.EndsAt);
        var later = Series.From(Counted([1, 2], TimeSpan.FromSeconds(0.1)), Now + TimeSpan.FromSeconds(5), first);
        Assert.Equal(first.EndsAt + TimeSpan.FromSeconds(5), later.EndsAt);
    }

    private static Series Of(long[] calls, TimeSpan endedAgo, Series? before) => Series.From(Counted(calls, endedAgo), Now, before);

    private static CallSeries Counted(long[] calls, TimeSpan endedAgo) =>
        new(TimeSpan.FromSeconds(5), [.. calls.Select(count => CallFigures.None with { Calls = count })], endedAgo);
}
