using Fn.Api.Dashboard.Live;
using Fn.Api.Store;

namespace Fn.Api.Dashboard.Listing;

/// <summary>
/// Finds a page of functions, however many there are: never more rows are read than a page has. By name the store does it. By a figure, those with the largest
/// ones (see <see cref="FunctionRanking"/>) are ordered here by their ids alone, and the rest, of which nearly all have none, follow by name.
/// </summary>
internal sealed class FunctionLister(IFunctionDirectory directory, FunctionRankings rankings)
{
    public async Task<FoundFunctions> FindAsync(FunctionQuery query, LiveSnapshot now, CancellationToken cancel)
    {
        var search = string.IsNullOrWhiteSpace(query.Search) ? null : query.Search.Trim();
        var total = await directory.CountAsync(search, cancel);
        var skip = Skip(query, total);
        if (query.Sort == FunctionSort.Name)
            return new FoundFunctions(await directory.ListAsync(search, new ListPart(skip, FunctionQuery.PageSize, query.Descending), [], cancel), total, []);
        if (search is not null && total <= FunctionQuery.PageSize)
            return new FoundFunctions(Sorted(await directory.ListAsync(search, new ListPart(0, FunctionQuery.PageSize, false), [], cancel), query, now), total, []);
        var ranking = rankings.Of(now, query.Sort);
        var active = search is null ? await ranking.ExistingAsync(directory) : await ranking.MatchingAsync(directory, search, cancel);
        var ranked = OnPage(query, active, total);
        var rows = query.Descending ? await RankedFirstAsync(search, active, ranked, skip, cancel) : await RankedLastAsync(search, active, ranked, skip, total, cancel);
        return new FoundFunctions(rows, total, ranked);
    }

    /// <summary>Which functions are on a page because of their figures, were it looked for now; without a search.</summary>
    /// <param name="query">The page.</param>
    /// <param name="now">The figures.</param>
    /// <param name="total">How many functions there are.</param>
    public async Task<IReadOnlyList<string>> RankAsync(FunctionQuery query, LiveSnapshot now, int total) =>
        OnPage(query, await rankings.Of(now, query.Sort).ExistingAsync(directory), total);

    private static int Skip(FunctionQuery query, int total) => Math.Min(query.Page, Math.Max(0, (total - 1) / FunctionQuery.PageSize)) * FunctionQuery.PageSize;

    private static List<string> OnPage(FunctionQuery query, IReadOnlyList<string> active, int total)
    {
        var skip = Skip(query, total);
        if (query.Descending)
            return [.. active.Skip(skip).Take(FunctionQuery.PageSize)];
        var passive = Math.Max(0, total - active.Count);
        return [.. active.Reverse().Skip(Math.Max(0, skip - passive)).Take(Math.Clamp(skip + FunctionQuery.PageSize - passive, 0, FunctionQuery.PageSize))];
    }

    /// <summary>All that a search finds, when that is one page: it can be in order whatever else there is.</summary>
    private static IReadOnlyList<FunctionListing> Sorted(IReadOnlyList<FunctionListing> rows, FunctionQuery query, LiveSnapshot now)
    {
        var valued = rows.Select(row => (Row: row, Value: FunctionRanking.ValueOf(query.Sort, row.Id, now))).ToLookup(pair => pair.Value is not null);
        var active = valued[true].OrderBy(pair => pair.Value).ThenBy(pair => pair.Row.Id, StringComparer.Ordinal).Select(pair => pair.Row);
        var passive = valued[false].Select(pair => pair.Row);
        return [.. query.Descending ? active.Reverse().Concat(passive) : passive.Concat(active)];
    }

    private async Task<IReadOnlyList<FunctionListing>> RankedFirstAsync(string? search, IReadOnlyList<string> active, List<string> ranked, int skip, CancellationToken cancel)
    {
        var rows = await InOrderAsync(ranked, cancel);
        if (rows.Count < FunctionQuery.PageSize)
        {
            var rest = new ListPart(Math.Max(0, skip - active.Count), FunctionQuery.PageSize - rows.Count, Descending: false);
            rows.AddRange(await directory.ListAsync(search, rest, active, cancel));
        }
        return rows;
    }

    private async Task<IReadOnlyList<FunctionListing>> RankedLastAsync(
        string? search, IReadOnlyList<string> active, List<string> ranked, int skip, int total, CancellationToken cancel)
    {
        var rows = new List<FunctionListing>();
        if (skip < total - active.Count)
            rows.AddRange(await directory.ListAsync(search, new ListPart(skip, FunctionQuery.PageSize, Descending: false), active, cancel));
        rows.AddRange(await InOrderAsync([.. ranked.Take(FunctionQuery.PageSize - rows.Count)], cancel));
        return rows;
    }

    private async Task<List<FunctionListing>> InOrderAsync(List<string> ids, CancellationToken cancel)
    {
        var found = (await directory.FindAsync(ids, cancel)).ToDictionary(listing => listing.Id, StringComparer.Ordinal);
        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }
}
