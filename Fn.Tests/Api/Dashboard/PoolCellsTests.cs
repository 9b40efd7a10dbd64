using System.Text.RegularExpressions;
using Fn.Api.Dashboard.Components.Parts;
using Fn.Api.Dashboard.Live;
using Fn.Api.Placement;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Registry;
using Fn.Tests.Api.Placement;
using Fn.Tests.Fakes;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

/// <summary>A function's cells on the hot map, from what its runner reports.</summary>
public sealed partial class PoolCellsTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly ClusterView _view;
    private readonly ClusterSketch _sketch;
    private readonly ServiceProvider _services;
    private readonly HtmlRenderer _renderer;
    private int _sequence;

    public PoolCellsTests()
    {
        _view = Views.Make(_time, ClusterKey.None);
        _sketch = new ClusterSketch(_view, new FixedFunctions(), new RegistryHealth(), _time);
        _services = new ServiceCollection().AddSingleton<TimeProvider>(_time).BuildServiceProvider();
        _renderer = new HtmlRenderer(_services, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _renderer.DisposeAsync();
        await _services.DisposeAsync();
        _view.Dispose();
    }

    [Fact]
    public async Task Render_SeveralIdleSinceTheSameMillisecond_ComeAndGo()
    {
        long[][] reports = [[20, 10, 10], [10, 10], [10, 10, 10, 5, 5], [10, 5], [10, 10, 10, 5, 5, 5], [], [5, 5]];

        var drawn = new List<int>();
        await RenderAsync(reports.Select(ago => Views.Pool(ago)), html => drawn.Add(IdleCells().Count(html)));

        Assert.Equal(reports.Select(ago => ago.Length), drawn);
    }

    [Fact]
    public async Task Render_SomeKept_SaysWhichAndCountsDownTheOthers()
    {
        var pages = new List<string>();
        // Of four containers, one of them busy, three are kept: the one that was used least lately is not.
        await RenderAsync([Views.Pool([30_000, 20_000, 10_000], busy: 1) with { Floor = 3, IdleTimeoutMs = 60_000 }], pages.Add);

        var html = Assert.Single(pages);
        Assert.Equal(2, Kept().Count(html));
        Assert.Contains("--keep:60;--gone:30", html, StringComparison.Ordinal);
        Assert.Contains("ended at 03:04:35", html, StringComparison.Ordinal);
        Assert.Contains("1 busy, 3 idle (2 kept), 0 starting", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_KeptNoMore_CountsFromThenOn()
    {
        var pages = new List<string>();
        var kept = Views.Pool([10_000]) with { Floor = 1, IdleTimeoutMs = 60_000 };
        await RenderAsync([kept, kept with { Floor = 0 }], html =>
        {
            pages.Add(html);
            _time.Advance(TimeSpan.FromSeconds(5));
        });

        Assert.Equal([1, 0], pages.Select(html => Kept().Count(html)));
        // 15 s, but for what two clocks may differ.
        Assert.Matches("--keep:60;--gone:1[45]", pages[1]);
    }

    private async Task RenderAsync(IEnumerable<PoolRecord> reports, Action<string> drawn) => await _renderer.Dispatcher.InvokeAsync(async () =>
    {
        Host? host = null;
        Action<Host> made = made => host = made;
        var root = await _renderer.RenderComponentAsync<Host>(ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Host.Made)] = made }));
        foreach (var report in reports)
        {
            // A pool of which there is nothing to tell is not drawn at all.
            _view.Apply(Views.Full(Views.Runner(1, ++_sequence), ("r", report with { Waiting = 1 })), TimeSpan.Zero);
            host!.Show(Assert.Single(Assert.Single((await _sketch.DrawAsync(null)).Runners).Pools));
            drawn(root.ToHtmlString());
        }
    });

    [GeneratedRegex("class=\"cell idle")]
    private static partial Regex IdleCells();

    [GeneratedRegex(">kept<")]
    private static partial Regex Kept();

    /// <summary>Stands for the page: shows a pool, then another one in its place.</summary>
    private sealed class Host : ComponentBase
    {
        private HotPool? _pool;

        [Parameter]
        public Action<Host>? Made { get; set; }

        public void Show(HotPool pool)
        {
            _pool = pool;
            StateHasChanged();
        }

        protected override void OnInitialized() => Made?.Invoke(this);

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            if (_pool is null)
                return;
            builder.OpenComponent<PoolCells>(0);
            builder.AddComponentParameter(1, nameof(PoolCells.Pool), _pool);
            builder.CloseComponent();
        }
    }
}
