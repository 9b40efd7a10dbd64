using Fn.Api.Dashboard.Live;
using Fn.Api.Store;

namespace Fn.Api.Dashboard.Listing;

/// <summary>A page of functions, and how many there are in all.</summary>
public sealed record FoundFunctions(IReadOnlyList<FunctionListing> Rows, int Total)
{
    public int Pages => Math.Max(1, (Total + FunctionQuery.PageSize - 1) / FunctionQuery.PageSize);
}

/// <summary>One function with its figures of the moment.</summary>
public sealed record FunctionRow(FunctionListing Listing, HotCounts Hot, Figures Figures);
