using System.Runtime.InteropServices;

namespace Fn.Api.History;

/// <summary>What the calls of each function came to, by the hour, for a day: those of this gateway, and those that other gateways told of. Not thread-safe.</summary>
internal sealed class HourlyCosts
{
    private const int Hours = 24;

    /// <summary>Functions that are told apart in an hour; those beyond count together under <see cref="Others"/>.</summary>
    private const int MaxFunctions = 2000;

    /// <summary>Stands for the functions beyond those that are told apart.</summary>
    public const string Others = "";

    private readonly Dictionary<(string? Gateway, long Hour), (long Here, Dictionary<string, CallCosts> Costs)> _hours = [];

    /// <summary>Adds a call of this gateway.</summary>
    public void Add(long hour, in CountedCall call)
    {
        var costs = Of(hour);
        var key = costs.Count < MaxFunctions || costs.ContainsKey(call.FunctionId) ? call.FunctionId : Others;
        CollectionsMarshal.GetValueRefOrAddDefault(costs, key, out _) += new CallCosts(1, call.Cold ? 1 : 0, call.Failed ? 1 : 0, call.Start);
    }

    /// <summary>Replaces what another gateway told of one of its hours.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="hour">Its number of the hour.</param>
    /// <param name="here">This gateway's number of it.</param>
    /// <param name="costs">By function.</param>
    public void Hear(string gateway, long hour, long here, Dictionary<string, CallCosts> costs)
    {
        Forget(here);
        _hours[(gateway, hour)] = (here, costs);
    }

    /// <summary>What this gateway counted in an hour, by function.</summary>
    public IReadOnlyDictionary<string, CallCosts> Mine(long hour) => Of(hour);

    /// <summary>The sum of the day that ends with the hour.</summary>
    public CallCosts Day(long now, string? functionId)
    {
        Forget(now);
        var sum = new CallCosts();
        foreach (var (_, costs) in _hours.Values)
        {
            if (functionId is not null)
                sum += costs.GetValueOrDefault(functionId);
            else
                sum = costs.Values.Aggregate(sum, (one, other) => one + other);
        }
        return sum;
    }

    /// <summary>The sum of the day that ends with the hour, for each function that is told apart.</summary>
    public Dictionary<string, CallCosts> Days(long now)
    {
        Forget(now);
        var sums = new Dictionary<string, CallCosts>(StringComparer.Ordinal);
        foreach (var (functionId, costs) in _hours.Values.SelectMany(hour => hour.Costs))
            CollectionsMarshal.GetValueRefOrAddDefault(sums, functionId, out _) += costs;
        sums.Remove(Others);
        return sums;
    }

    private Dictionary<string, CallCosts> Of(long hour)
    {
        if (_hours.TryGetValue((null, hour), out var known))
            return known.Costs;
        Forget(hour);
        var costs = new Dictionary<string, CallCosts>(StringComparer.Ordinal);
        _hours[(null, hour)] = (hour, costs);
        return costs;
    }

    private void Forget(long now)
    {
        foreach (var (key, (here, _)) in _hours)
        {
            if (here <= now - Hours)
                _hours.Remove(key);
        }
    }
}
