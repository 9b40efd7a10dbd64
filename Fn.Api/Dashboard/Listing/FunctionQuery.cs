namespace Fn.Api.Dashboard.Listing;

/// <summary>What functions are listed by.</summary>
public enum FunctionSort
{
    Name,
    Hot,
    Rate,
    ColdShare,
    HotP50,
    HotP99,
    ColdP50,
    ColdP99,
    Waited,
    Failed,
}

/// <summary>Which functions are to be shown.</summary>
/// <param name="Search">Part of app, name or image; the empty string: all.</param>
/// <param name="Sort">Their order.</param>
/// <param name="Descending">Whether the largest comes first.</param>
/// <param name="Page">Number of the page, from 0.</param>
public sealed record FunctionQuery(string Search, FunctionSort Sort, bool Descending, int Page)
{
    public const int PageSize = 25;

    public static readonly FunctionQuery First = new("", FunctionSort.Name, false, 0);

    /// <summary>The first page in another order; the same order again is turned round.</summary>
    public FunctionQuery SortBy(FunctionSort sort) => this with { Sort = sort, Descending = sort == Sort ? !Descending : sort != FunctionSort.Name, Page = 0 };
}
