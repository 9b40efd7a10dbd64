using Fn.Api.Dashboard.Live;
using Microsoft.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Parts;

/// <summary>A figure over the last minutes, with its present value above.</summary>
public partial class ChartCard
{
    private double _top = 1;
    private double _width;
    private bool _isEmpty;

    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    [Parameter, EditorRequired]
    public Series Series { get; set; } = null!;

    [Parameter, EditorRequired]
    public IReadOnlyList<ChartLine> Lines { get; set; } = [];

    /// <summary>A value with its unit.</summary>
    [Parameter, EditorRequired]
    public Func<double?, string> Unit { get; set; } = null!;

    /// <summary>The present value.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [CascadingParameter]
    public BrowserClock Clock { get; set; } = BrowserClock.Utc;

    private string Summary => _isEmpty
        ? $"{Title}: nothing yet"
        : $"{Title} of the last {Show.Milliseconds(Series.Length.TotalMilliseconds)}, at most {Unit(_top)}. Latest: {string.Join(", ", Lines.Select(line => $"{line.Name} {Unit(Series.Latest(line.Of))}"))}";

    protected override void OnParametersSet()
    {
        _top = ChartLine.TopOf(Lines, Series.Steps);
        _width = 100.0 / Math.Max(1, Series.Steps.Count);
        _isEmpty = !Lines.Any(line => Series.Steps.Any(step => line.Of(step) is > 0));
    }

    private string Hover(int step)
    {
        var began = Series.EndsAt - (Series.Step * (Series.Steps.Count - step));
        return $"{Clock.Time(began)}\n{string.Join("\n", Lines.Select(line => $"{line.Name}: {Unit(line.Of(Series.Steps[step]))}"))}";
    }
}
