namespace Fn.Api.History;

/// <summary>Gathers what a gateway has to tell the others. Not thread-safe.</summary>
/// <param name="maxCalls">Most calls in a batch; the rest is only counted.</param>
/// <param name="time">The clock.</param>
internal sealed class CallBatchBuilder(int maxCalls, TimeProvider time)
{
    /// <summary>How often the sums of the hour are told: they are for people, and long.</summary>
    public static readonly TimeSpan HourEvery = TimeSpan.FromSeconds(10);

    private readonly long _origin = time.GetTimestamp();
    private readonly Queue<CallRecord> _notable = [];
    private readonly Queue<CallRecord> _ordinary = [];
    private Dictionary<string, CallTally> _tallies = new(StringComparer.Ordinal);
    private long _sequence;
    private long? _hour;
    private long _hourTold;
    private bool _hourChanged;

    /// <summary>Whether the hour has come to more than was told.</summary>
    public bool OwesHour => _hourChanged;

    /// <summary>Counts a call.</summary>
    public void Add(in CountedCall call)
    {
        if (!_tallies.TryGetValue(call.FunctionId, out var tally))
            _tallies[call.FunctionId] = tally = new CallTally();
        tally.Add(call);
        _hourChanged = true;
    }

    /// <summary>Adds one that was counted to those that may be told themselves.</summary>
    public void Add(CallRecord call)
    {
        var calls = call.IsOrdinary ? _ordinary : _notable;
        calls.Enqueue(call);
        // The latest are worth the most.
        if (calls.Count > maxCalls)
            calls.Dequeue();
    }

    /// <summary>What came since the last time; null: nothing.</summary>
    public CallBatch? Take(string gateway)
    {
        if (_tallies.Count == 0)
            return null;
        var now = time.GetUtcNow();
        var batch = new CallBatch
        {
            Gateway = gateway,
            Sequence = ++_sequence,
            Uptime = (long)time.GetElapsedTime(_origin).TotalMilliseconds,
            Calls = [.. _notable.Concat(_ordinary.Reverse()).Take(maxCalls).Select(call => new ToldCall(call, (long)(now - call.ReceivedAt).TotalMilliseconds))],
            Tallies = _tallies.ToDictionary(pair => pair.Key, pair => ToldTally.Of(pair.Value)),
        };
        _tallies = new Dictionary<string, CallTally>(StringComparer.Ordinal);
        _notable.Clear();
        _ordinary.Clear();
        return batch;
    }

    /// <summary>The sums of an hour, when they changed and were not told just now, and once more when it is over; null: nothing.</summary>
    public HourOfCalls? TakeHour(string gateway, long hour, HourlyCosts costs)
    {
        var told = _hour ?? hour;
        var over = told != hour;
        if (!_hourChanged || (!over && _hour is not null && time.GetElapsedTime(_hourTold) < HourEvery))
            return null;
        (_hour, _hourTold, _hourChanged) = (hour, time.GetTimestamp(), over);
        return new HourOfCalls
        {
            Gateway = gateway,
            Hour = told,
            Costs = costs.Mine(told).ToDictionary(pair => pair.Key, pair => (double[])[pair.Value.Calls, pair.Value.Cold, pair.Value.Failed, Math.Round(pair.Value.ColdMilliseconds, 1)]),
        };
    }
}
