namespace Fn.Api.Store;

/// <summary>The functions of all apps as a list that is searched and paged by number, ordered by app and name. Thread-safe.</summary>
internal interface IFunctionDirectory
{
    /// <param name="search">Part of app and name (<c>app/name</c>) or of the image, whatever the case; null: all.</param>
    /// <param name="cancel">Ends the call.</param>
    Task<int> CountAsync(string? search, CancellationToken cancel);

    /// <param name="search">As for <see cref="CountAsync"/>.</param>
    /// <param name="part">Which part of them.</param>
    /// <param name="without">Ids of functions that are left out before anything is counted.</param>
    /// <param name="cancel">Ends the call.</param>
    Task<IReadOnlyList<FunctionListing>> ListAsync(string? search, ListPart part, IReadOnlyCollection<string> without, CancellationToken cancel);

    /// <summary>Which of some functions are there and match.</summary>
    Task<IReadOnlyList<string>> MatchAsync(string? search, IReadOnlyCollection<string> ids, CancellationToken cancel);

    /// <summary>Those of some functions that are there, in no order.</summary>
    Task<IReadOnlyList<FunctionListing>> FindAsync(IReadOnlyCollection<string> ids, CancellationToken cancel);
}

/// <summary>A part of a list.</summary>
/// <param name="Skip">How many stand before it.</param>
/// <param name="Take">At most so many.</param>
/// <param name="Descending">Whether the list goes from the last to the first.</param>
internal readonly record struct ListPart(int Skip, int Take, bool Descending);

/// <summary>What a list shows of a function.</summary>
public sealed record FunctionListing(string Id, string AppId, string AppName, string Name, string Image);
