using Fn.Api.History;

namespace Fn.Api.Dashboard.Live;

/// <summary>What the calls of the last 24 hours came to for each function. Immutable; shows what it is given without a copy, as that may be long.</summary>
public sealed class DaysSight
{
    public static readonly DaysSight None = new(new Dictionary<string, CallCosts>());

    private readonly IReadOnlyDictionary<string, CallCosts> _costs;

    internal DaysSight(IReadOnlyDictionary<string, CallCosts> costs) => _costs = costs;

    /// <summary>Whether this is what is shown.</summary>
    internal bool Shows(IReadOnlyDictionary<string, CallCosts> costs) => ReferenceEquals(_costs, costs);

    /// <summary>The functions that were called, as far as they are told apart.</summary>
    public IEnumerable<string> FunctionIds => _costs.Keys;

    /// <summary>One function's; null: it was not called, or is not told apart.</summary>
    public DayCosts? Of(string functionId) => _costs.TryGetValue(functionId, out var costs) ? DayCosts.From(costs) : null;
}
