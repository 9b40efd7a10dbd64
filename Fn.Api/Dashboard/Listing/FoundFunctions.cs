using Fn.Api.Dashboard.Live;
using Fn.Api.Store;

namespace Fn.Api.Dashboard.Listing;

/// <summary>A page of functions.</summary>
/// <param name="Rows">Those on the page.</param>
/// <param name="Total">How many there are in all.</param>
/// <param name="Ranked">Ids of those that are on it because of their figures.</param>
public sealed record FoundFunctions(IReadOnlyList<FunctionListing> Rows, int Total, IReadOnlyList<string> Ranked)
{
    public int Pages => Math.Max(1, (Total + FunctionQuery.PageSize - 1) / FunctionQuery.PageSize);
}

/// <summary>One function with its figures of the moment, and those of the last 24 hours, null when it was not called in them.</summary>
public sealed record FunctionRow(FunctionListing Listing, HotCounts Hot, Figures Figures, DayCosts? Day)
{
    public static FunctionRow Of(FunctionListing listing, LiveSnapshot now) => new(
        listing,
        now.Cluster.Hot.TryGetValue(listing.Id, out var hot) ? hot : HotCounts.None,
        now.Calls.ByFunction.TryGetValue(listing.Id, out var figures) ? figures : Figures.None,
        now.Calls.DayByFunction.Of(listing.Id));
}
