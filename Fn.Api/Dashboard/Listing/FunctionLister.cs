using Fn.Api.Dashboard.Live;
using Fn.Api.Store;

namespace Fn.Api.Dashboard.Listing;

/// <summary>
/// Finds a page of functions, however many there are: never more rows are read than a page has. By name the store does it. By a figure, those that have any
/// figures (they were called lately, or are hot) are ordered here by their ids alone, and the rest, which all have none, follow by name.
/// </summary>
internal sealed class FunctionLister(IFunctionDirectory directory)
{
    public async Task<FoundFunctions> FindAsync(FunctionQuery query, LiveSnapshot now, CancellationToken cancel)
    {
        var search = string.IsNullOrWhiteSpace(query.Search) ? null : query.Search.Trim();
        var total = await directory.CountAsync(search, cancel);
        var skip = Math.Min(query.Page, Math.Max(0, (total - 1) / FunctionQuery.PageSize)) * FunctionQuery.PageSize;
        if (query.Sort == FunctionSort.Name)
            return new FoundFunctions(await directory.ListAsync(search, new ListPart(skip, FunctionQuery.PageSize, query.Descending), [], cancel), total);
        var active = await OrderAsync(query, search, now, cancel);
        return new FoundFunctions(
            query.Descending ? await FirstActiveAsync(search, active, skip, cancel) : await LastActiveAsync(search, active, skip, total, cancel), total);
    }

    /// <summary>What a query is ordered by; null: there is no such figure.</summary>
    public static double? ValueOf(FunctionSort sort, string id, LiveSnapshot now)
    {
        if (sort == FunctionSort.Hot)
            return now.Cluster.Hot.TryGetValue(id, out var hot) ? hot.All : null;
        if (!now.Calls.ByFunction.TryGetValue(id, out var figures))
            return null;
        return sort switch
        {
            FunctionSort.Rate => figures.Calls,
            FunctionSort.ColdShare => figures.ColdShare,
            FunctionSort.HotP50 => figures.HotP50,
            FunctionSort.HotP99 => figures.HotP99,
            FunctionSort.ColdP50 => figures.ColdP50,
            FunctionSort.ColdP99 => figures.ColdP99,
            FunctionSort.Failed => figures.Failed,
            _ => null,
        };
    }

    /// <summary>The matching functions with figures, the largest first when that is asked for.</summary>
    private async Task<List<string>> OrderAsync(FunctionQuery query, string? search, LiveSnapshot now, CancellationToken cancel)
    {
        var known = now.Calls.ByFunction.Keys.Union(now.Cluster.Hot.Keys, StringComparer.Ordinal).Where(id => ValueOf(query.Sort, id, now) is not null).ToList();
        var matching = await directory.MatchAsync(search, known, cancel);
        var ordered = matching.OrderBy(id => ValueOf(query.Sort, id, now)).ThenBy(id => id, StringComparer.Ordinal).ToList();
        if (query.Descending)
            ordered.Reverse();
        return ordered;
    }

    private async Task<IReadOnlyList<FunctionListing>> FirstActiveAsync(string? search, List<string> active, int skip, CancellationToken cancel)
    {
        var rows = await InOrderAsync(active.Skip(skip).Take(FunctionQuery.PageSize).ToList(), cancel);
        if (rows.Count < FunctionQuery.PageSize)
        {
            var rest = new ListPart(Math.Max(0, skip - active.Count), FunctionQuery.PageSize - rows.Count, Descending: false);
            rows.AddRange(await directory.ListAsync(search, rest, active, cancel));
        }
        return rows;
    }

    private async Task<IReadOnlyList<FunctionListing>> LastActiveAsync(string? search, List<string> active, int skip, int total, CancellationToken cancel)
    {
        var passive = Math.Max(0, total - active.Count);
        var rows = new List<FunctionListing>();
        if (skip < passive)
            rows.AddRange(await directory.ListAsync(search, new ListPart(skip, FunctionQuery.PageSize, Descending: false), active, cancel));
        rows.AddRange(await InOrderAsync(active.Skip(Math.Max(0, skip - passive)).Take(FunctionQuery.PageSize - rows.Count).ToList(), cancel));
        return rows;
    }

    private async Task<List<FunctionListing>> InOrderAsync(List<string> ids, CancellationToken cancel)
    {
        var found = (await directory.FindAsync(ids, cancel)).ToDictionary(listing => listing.Id, StringComparer.Ordinal);
        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }
}
