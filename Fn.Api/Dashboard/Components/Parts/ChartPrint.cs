using System.Globalization;
using System.Net;
using System.Text;
using Fn.Api.Dashboard.Live;

namespace Fn.Api.Dashboard.Components.Parts;

/// <summary>A figure over the last minutes, as markup.</summary>
internal sealed class ChartPrint
{
    private readonly StringBuilder _markup = new();
    private readonly Chart _chart;
    private readonly Series _series;
    private readonly BrowserClock _clock;
    private readonly IReadOnlyList<ChartLine> _lines;
    private readonly double _top;
    private readonly bool _isEmpty;

    /// <param name="chart">What is drawn.</param>
    /// <param name="series">What it is drawn of.</param>
    /// <param name="clock">What the instants of its steps are shown by.</param>
    public ChartPrint(Chart chart, Series series, BrowserClock clock)
    {
        (_chart, _series, _clock) = (chart, series, clock);
        _lines = chart.LinesOf(series);
        _top = ChartLine.TopOf(_lines, series.Steps);
        _isEmpty = !_lines.Any(line => series.Steps.Any(step => line.Of(step) is > 0));
    }

    public string ToMarkup()
    {
        Add($"""<div class="plot"><svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="{Summary()}">""");
        foreach (var height in (int[])[0, 50, 100])
            Add($"""<line class="grid" x1="0" y1="{Show.Number(height)}" x2="100" y2="{Show.Number(height)}"></line>""");
        foreach (var line in _lines)
            AddLine(line);
        AddHovers();
        _markup.Append("</svg>");
        if (!_isEmpty)
            Add($"""<span class="top" aria-hidden="true">{_chart.Unit(_top)}</span>""");
        Add($"""</div><div class="axis" aria-hidden="true"><span>{Length} ago</span><span>now</span></div><div class="key">""");
        foreach (var line in _lines)
            Add($"""<span><svg aria-hidden="true" viewBox="0 0 14 4"><line class="{ClassOf(line)}" x1="1" y1="2" x2="13" y2="2"></line></svg>{line.Name}</span>""");
        return _markup.Append("</div>").ToString();
    }

    private string Length => Show.Milliseconds(_series.Length.TotalMilliseconds);

    private void AddLine(ChartLine line)
    {
        if (line.Filled)
            Add($"""<path class="area line-{line.Tone}" d="{line.Area(_series.Steps, _top)}"></path>""");
        Add($"""<path class="{ClassOf(line)}" d="{line.Outline(_series.Steps, _top)}"></path>""");
    }

    private void AddHovers()
    {
        var width = 100.0 / Math.Max(1, _series.Steps.Count);
        for (var i = 0; i < _series.Steps.Count; i++)
        {
            var began = _series.EndsAt - (_series.Step * (_series.Steps.Count - i));
            var values = string.Join('\n', _lines.Select(line => $"{line.Name}: {_chart.Unit(line.Of(_series.Steps[i]))}"));
            Add($"""<rect class="hover" x="{Show.Number(i * width)}" y="0" width="{Show.Number(width)}" height="100"><title>{_clock.Time(began)}{'\n'}{values}</title></rect>""");
        }
    }

    private string Summary() => _isEmpty
        ? $"{_chart.Title}: nothing yet"
        : $"{_chart.Title} of the last {Length}, at most {_chart.Unit(_top)}. Latest: {string.Join(", ", _lines.Select(line => $"{line.Name} {_chart.Unit(_series.Latest(line.Of))}"))}";

    private static string ClassOf(ChartLine line) => $"line-{line.Tone}{(line.Dashed ? " dashed" : "")}";

    /// <summary>Markup, of which everything in braces is text.</summary>
    private void Add(FormattableString markup) =>
        _markup.AppendFormat(CultureInfo.InvariantCulture, markup.Format, markup.GetArguments().Select(static argument => (object?)WebUtility.HtmlEncode(argument?.ToString())).ToArray());
}
