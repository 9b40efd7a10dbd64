using Fn.Api.Dashboard.Live;
using Fn.Api.Http;
using Fn.Api.Store;
using Fn.Api.Triggers;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace Fn.Api.Dashboard.Components.Pages;

/// <summary>All about one function.</summary>
public partial class FunctionPage
{
    private static readonly (string Name, string Text)[] Tabs =
        [("", "Calls"), ("logs", "Logs"), ("invoke", "Invoke"), ("definition", "Definition"), ("update", "Update")];

    private FunctionWithApp? _found;
    private IReadOnlyList<Trigger> _triggers = [];
    private Series? _series;
    private DayCosts? _day;
    private string? _lookedFor;
    private bool _looked;

    [Parameter]
    public string Id { get; set; } = "";

    [SupplyParameterFromQuery]
    public string? Tab { get; set; }

    [Inject]
    private IFunctionStore Functions { get; set; } = null!;

    [Inject]
    private ITriggerStore TriggerStore { get; set; } = null!;

    [Inject]
    private LiveFeed Live { get; set; } = null!;

    [Inject]
    private IOptions<ApiOptions> Api { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private string Current => Array.Exists(Tabs, tab => tab.Name == Tab) ? Tab! : "";

    private HotCounts Hot => Now is not null && Now.Cluster.Hot.TryGetValue(Id, out var hot) ? hot : HotCounts.None;

    /// <summary>Where clients reach the gateway: what it is told, else where this browser found it.</summary>
    private string Origin => Api.Value.PublicUrl is { Length: > 0 } given ? given.TrimEnd('/') : new Uri(Navigation.BaseUri).GetLeftPart(UriPartial.Authority);

    private string AddressOf(string tab) => tab.Length == 0 ? $"functions/{Id}" : $"functions/{Id}?tab={tab}";

    protected override async Task OnParametersSetAsync()
    {
        if (_lookedFor == Id)
            return;
        _lookedFor = Id;
        Count();
        await FindAsync();
    }

    protected override async Task OnSeenAsync(LiveSnapshot before)
    {
        if (before.Definitions != Now!.Definitions)
            await FindAsync();
        if (!ReferenceEquals(before.Calls, Now.Calls))
            Count();
    }

    private void Count() => (_series, _day) = (Live.SeriesOf(Id), Live.DayOf(Id));

    private async Task FindAsync()
    {
        _found = await Functions.FindFunctionWithAppAsync(Id, Left);
        _triggers = _found is null ? [] : await TriggerStore.ListTriggersAsync(_found.App.Id, Id, null, new ListPage(null, ListPage.MaxSize), Left);
        _looked = true;
    }
}
