using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fn.Api.Dashboard.Live;

namespace Fn.Api.Dashboard.Listing;

/// <summary>The rankings of each snapshot that somebody still looks at: made once, when the first one asks. Thread-safe.</summary>
internal sealed class FunctionRankings
{
    // Entries go with their snapshots.
    private readonly ConditionalWeakTable<LiveSnapshot, ConcurrentDictionary<FunctionSort, Lazy<FunctionRanking>>> _bySnapshot = [];

    // The last one that was made of each kind, with the definitions it is of: mostly the next one is the same, and the store need not be asked again.
    private readonly ConcurrentDictionary<FunctionSort, (long Definitions, FunctionRanking Ranking)> _last = new();

    public FunctionRanking Of(LiveSnapshot now, FunctionSort sort) => _bySnapshot
        .GetValue(now, static _ => new())
        .GetOrAdd(sort, (sort, now) => new Lazy<FunctionRanking>(() => Make(now, sort)), now)
        .Value;

    private FunctionRanking Make(LiveSnapshot now, FunctionSort sort)
    {
        var made = new FunctionRanking(sort, now);
        if (_last.TryGetValue(sort, out var last) && last.Definitions == now.Definitions && last.Ranking.Ids.SequenceEqual(made.Ids))
            return last.Ranking;
        _last[sort] = (now.Definitions, made);
        return made;
    }
}
