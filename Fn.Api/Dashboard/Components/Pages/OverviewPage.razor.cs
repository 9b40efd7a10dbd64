using Fn.Api.Dashboard.Listing;
using Fn.Api.Dashboard.Live;
using Microsoft.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Pages;

/// <summary>What goes on in all, and a line for each function.</summary>
public partial class OverviewPage
{
    private FunctionQuery _query = FunctionQuery.First;
    private FoundFunctions? _page;

    [Inject]
    private FunctionLister Functions { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    [SupplyParameterFromQuery]
    public bool Up { get; set; }

    [SupplyParameterFromQuery]
    public int Page { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var sort = Enum.TryParse<FunctionSort>(Sort, ignoreCase: true, out var known) ? known : FunctionSort.Name;
        var query = new FunctionQuery(Search ?? "", sort, sort == FunctionSort.Name ? Up : !Up, Math.Max(0, Page - 1));
        if (query == _query && _page is not null)
            return;
        _query = query;
        await FindAsync();
    }

    protected override async Task OnSeenAsync(LiveSnapshot before)
    {
        if (before.Definitions != Now!.Definitions || (OrderIsLive && await HasMovedAsync()))
            await FindAsync();
    }

    // While somebody searches, lines stay where they are.
    private bool OrderIsLive => _query.Sort != FunctionSort.Name && _query.Search.Length == 0;

    private async Task FindAsync()
    {
        if (Now is null)
            return;
        _page = await Functions.FindAsync(_query, Now, Left);
        _query = _query with { Page = Math.Min(_query.Page, _page.Pages - 1) };
    }

    /// <summary>Whether the order of what is on the page is another one than when it was looked for.</summary>
    private async Task<bool> HasMovedAsync() => _page is not null && !(await Functions.RankAsync(_query, Now!, _page.Total)).SequenceEqual(_page.Ranked);

    private IReadOnlyList<FunctionRow> Rows() => [.. _page!.Rows.Select(listing => FunctionRow.Of(listing, Now!))];

    private void OnSearch(string text) => Go(_query with { Search = text, Page = 0 }, replace: true);

    private void OnSort(FunctionSort sort) => Go(_query.SortBy(sort), replace: false);

    private void OnPage(int page) => Go(_query with { Page = page }, replace: false);

    /// <summary>The address says what is shown, so that it can be gone back to and passed on.</summary>
    private void Go(FunctionQuery query, bool replace) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
        {
            ["search"] = query.Search.Length == 0 ? null : query.Search,
            ["sort"] = query.Sort == FunctionSort.Name ? null : query.Sort.ToString(),
            ["up"] = (query.Sort == FunctionSort.Name ? query.Descending : !query.Descending) ? true : null,
            ["page"] = query.Page == 0 ? null : query.Page + 1,
        }),
        replace: replace);
}
