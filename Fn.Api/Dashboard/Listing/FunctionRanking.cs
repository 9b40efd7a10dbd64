using Fn.Api.Dashboard.Live;
using Fn.Api.Store;

namespace Fn.Api.Dashboard.Listing;

/// <summary>
/// The functions with the largest figures of one kind in one snapshot, largest first: at most <see cref="Most"/>, however many have one. Made once for all who look.
/// Thread-safe.
/// </summary>
internal sealed class FunctionRanking
{
    /// <summary>Functions that are ordered by a figure; 40 pages. More than anybody turns over, and what the store is asked for stays small.</summary>
    public const int Most = 1000;

    private readonly Lock _lock = new();
    private Task<IReadOnlyList<string>>? _existing;

    public FunctionRanking(FunctionSort sort, LiveSnapshot now)
    {
        Ids = [.. Known(sort, now)
            .Select(id => (Id: id, Value: ValueOf(sort, id, now))).Where(pair => pair.Value is not null)
            .OrderByDescending(pair => pair.Value).ThenByDescending(pair => pair.Id, StringComparer.Ordinal)
            .Take(Most).Select(pair => pair.Id)];
    }

    /// <summary>Their ids; of functions too that are not there any more.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>Those of them that are there, in the same order.</summary>
    public async Task<IReadOnlyList<string>> ExistingAsync(IFunctionDirectory directory)
    {
        Task<IReadOnlyList<string>> finding;
        lock (_lock)
        {
            // Asked for by all at once: none of them ends it, and one that failed is no answer for the next.
            if (_existing is null or { IsFaulted: true })
                _existing = MatchingAsync(directory, null, CancellationToken.None);
            finding = _existing;
        }
        return await finding;
    }

    /// <summary>Those of them that a search finds, in the same order.</summary>
    public async Task<IReadOnlyList<string>> MatchingAsync(IFunctionDirectory directory, string? search, CancellationToken cancel)
    {
        var matching = (await directory.MatchAsync(search, Ids, cancel)).ToHashSet(StringComparer.Ordinal);
        return [.. Ids.Where(matching.Contains)];
    }

    private static IEnumerable<string> Known(FunctionSort sort, LiveSnapshot now) => sort switch
    {
        FunctionSort.Hot => now.Cluster.Hot.Keys,
        FunctionSort.Waited => now.Calls.DayByFunction.FunctionIds,
        _ => now.Calls.ByFunction.Keys,
    };

    /// <summary>What functions are ordered by; null: there is no such figure.</summary>
    public static double? ValueOf(FunctionSort sort, string id, LiveSnapshot now)
    {
        if (sort == FunctionSort.Hot)
            return now.Cluster.Hot.TryGetValue(id, out var hot) ? hot.All : null;
        if (sort == FunctionSort.Waited)
            return now.Calls.DayByFunction.Of(id)?.ColdMilliseconds;
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
}
