namespace Fn.Api.History;

/// <summary>Counts the calls of each function, and of all, over the last minutes and by the hour. Not thread-safe.</summary>
internal sealed class CallStatistics(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();
    private readonly CallWindow _all = new();
    private readonly Dictionary<string, FunctionWindow> _functions = new(StringComparer.Ordinal);
    private long _swept;
    private (long Step, Dictionary<string, CallCosts> Costs)? _days;

    /// <summary>Hours that are counted.</summary>
    public HourlyCosts Hours { get; } = new();

    /// <summary>Number of the hour that is now.</summary>
    public long Hour => (long)Elapsed.TotalHours;

    private TimeSpan Elapsed => time.GetElapsedTime(_origin);

    private long Step => StepAt(Elapsed);

    /// <summary>Adds a call of this gateway.</summary>
    public void Add(in CountedCall call)
    {
        var elapsed = Elapsed;
        var step = StepAt(elapsed);
        _all.At(step)?.Add(call);
        Of(call.FunctionId, step, now: step).At(step)?.Add(call);
        Hours.Add((long)elapsed.TotalHours, call);
    }

    /// <summary>Adds what another gateway counted.</summary>
    /// <param name="tallies">By function.</param>
    /// <param name="age">How long ago that was.</param>
    public void Add(IReadOnlyDictionary<string, CallTally> tallies, TimeSpan age)
    {
        var elapsed = Elapsed;
        var step = StepAt(elapsed - age);
        foreach (var (functionId, tally) in tallies)
        {
            _all.At(step)?.Add(tally);
            Of(functionId, step, StepAt(elapsed)).At(step)?.Add(tally);
        }
    }

    public CallSeries Series(string? functionId)
    {
        var window = functionId is null ? _all : _functions.GetValueOrDefault(functionId)?.Window;
        var steps = window?.Before(Step).Select(tally => tally?.ToFigures() ?? CallFigures.None) ?? Enumerable.Repeat(CallFigures.None, CallWindow.Steps);
        return new CallSeries(CallWindow.Step, [.. steps], TimeSpan.FromTicks(Elapsed.Ticks % CallWindow.Step.Ticks));
    }

    public Dictionary<string, CallFigures> Figures()
    {
        Sweep(Step);
        var figures = new Dictionary<string, CallFigures>(_functions.Count, StringComparer.Ordinal);
        foreach (var (functionId, function) in _functions)
        {
            var sum = new CallTally();
            foreach (var tally in function.Window.Before(Step))
            {
                if (tally is not null)
                    sum.Add(tally);
            }
            if (sum.Calls > 0)
                figures[functionId] = sum.ToFigures();
        }
        return figures;
    }

    /// <summary>What each function came to in the day that ends now. Summed up once a step: it is of many hours, and long. Not to be changed.</summary>
    public IReadOnlyDictionary<string, CallCosts> Days()
    {
        var step = Step;
        if (_days is not { } known || known.Step != step)
            _days = known = (step, Hours.Days(Hour));
        return known.Costs;
    }

    /// <summary>The window of a function that was called in a step.</summary>
    private CallWindow Of(string functionId, long step, long now)
    {
        Sweep(now);
        if (!_functions.TryGetValue(functionId, out var function))
            _functions[functionId] = function = new FunctionWindow();
        function.LastStep = Math.Max(function.LastStep, step);
        return function.Window;
    }

    /// <summary>Forgets functions that were not called for longer than the steps go back; looks once a step.</summary>
    private void Sweep(long now)
    {
        if (now == _swept)
            return;
        _swept = now;
        foreach (var (functionId, function) in _functions)
        {
            if (function.LastStep < now - CallWindow.Steps)
                _functions.Remove(functionId);
        }
    }

    private static long StepAt(TimeSpan elapsed) => elapsed.Ticks / CallWindow.Step.Ticks;

    private sealed class FunctionWindow
    {
        public CallWindow Window { get; } = new();

        public long LastStep { get; set; } = long.MinValue;
    }
}
