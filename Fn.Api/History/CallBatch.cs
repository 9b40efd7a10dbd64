using System.Text.Json.Serialization;

namespace Fn.Api.History;

/// <summary>What one gateway tells the others of the calls that ended in about a second. Names are never given another meaning; new ones are added.</summary>
internal sealed record CallBatch
{
    /// <summary>The gateway, by the name of its run.</summary>
    public required string Gateway { get; init; }

    /// <summary>Rises with each batch of the gateway.</summary>
    public required long Sequence { get; init; }

    /// <summary>Milliseconds since the gateway began, to be compared with those of its other batches only.</summary>
    public required long Uptime { get; init; }

    /// <summary>Some of the calls, cold and failed ones first.</summary>
    public required IReadOnlyList<ToldCall> Calls { get; init; }

    /// <summary>All of them, counted by function.</summary>
    public required IReadOnlyDictionary<string, ToldTally> Tallies { get; init; }
}

/// <summary>A call as it is told.</summary>
/// <param name="Call">The call.</param>
/// <param name="Ago">Milliseconds between its head and the batch.</param>
internal readonly record struct ToldCall(CallRecord Call, long Ago);

/// <summary>A <see cref="CallTally"/> as it is told; the classes of durations and how often they came, alternating.</summary>
internal sealed record ToldTally(long Calls, long Cold, long Failed, long ColdWait, IReadOnlyList<int> HotTimes, IReadOnlyList<int> ColdTimes)
{
    public static ToldTally Of(CallTally tally) => new(tally.Calls, tally.ColdCalls, tally.FailedCalls, tally.ColdWait, Flat(tally.Hot), Flat(tally.Cold));

    public CallTally ToTally() => CallTally.Of(Calls, Cold, Failed, ColdWait, Counts(HotTimes), Counts(ColdTimes));

    private static int[] Flat(LatencyCounts counts) => [.. counts.Counts.SelectMany(pair => (int[])[pair.Class, pair.Count])];

    private static LatencyCounts Counts(IReadOnlyList<int> flat)
    {
        var counts = new LatencyCounts();
        for (var i = 0; i + 1 < flat.Count; i += 2)
        {
            if (flat[i] is >= 0 and < LatencyCounts.Classes && flat[i + 1] > 0)
                counts.Add(flat[i], flat[i + 1]);
        }
        return counts;
    }
}

/// <summary>What one hour of a gateway has come to so far: replaces what it told of that hour before.</summary>
internal sealed record HourOfCalls
{
    public required string Gateway { get; init; }

    /// <summary>The gateway's number of the hour.</summary>
    public required long Hour { get; init; }

    /// <summary>By function: calls, cold ones, failed ones, milliseconds waited for starts.</summary>
    public required IReadOnlyDictionary<string, double[]> Costs { get; init; }

    public Dictionary<string, CallCosts> ToCosts()
    {
        var costs = new Dictionary<string, CallCosts>(Costs.Count, StringComparer.Ordinal);
        foreach (var (functionId, told) in Costs)
        {
            if (told is [var calls, var cold, var failed, var milliseconds, ..])
                costs[functionId] = new CallCosts((long)calls, (long)cold, (long)failed, milliseconds);
        }
        return costs;
    }
}

[JsonSerializable(typeof(CallBatch))]
[JsonSerializable(typeof(HourOfCalls))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
internal sealed partial class HistoryJson : JsonSerializerContext;
