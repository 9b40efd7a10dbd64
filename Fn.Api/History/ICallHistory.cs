namespace Fn.Api.History;

/// <summary>The calls that are over, of all gateways of the cluster, for a while. Read from memory: asking costs calls nothing. Thread-safe.</summary>
internal interface ICallHistory
{
    /// <summary>How long calls are kept, at most.</summary>
    TimeSpan Keep { get; }

    /// <summary>The latest calls that the filter lets pass, newest first.</summary>
    IReadOnlyList<CallRecord> Recent(CallFilter filter);

    /// <summary>One call; null: unknown, or not kept any more.</summary>
    CallRecord? Find(string callId);

    /// <summary>What was called in the last while, of one function.</summary>
    /// <param name="functionId">The function; null: all together.</param>
    CallSeries Series(string? functionId);

    /// <summary>What became of each function's calls in the time of a series; functions without a call in it are not there.</summary>
    IReadOnlyDictionary<string, CallFigures> Figures();

    /// <summary>What became of the calls of the last 24 hours, as far as the gateways that live remember them.</summary>
    /// <param name="functionId">Of one function; null: of all.</param>
    CallCosts Day(string? functionId);

    /// <summary>The same for each function that was called in them, up to a step of the series ago; those of an hour that are not told apart are not there.</summary>
    IReadOnlyDictionary<string, CallCosts> Days();

    /// <summary>Calls <paramref name="changed"/> when there is something new, at most once a second. Dispose to end it.</summary>
    IDisposable Subscribe(Action changed);
}

/// <summary>Which calls are asked for.</summary>
/// <param name="FunctionId">Of one function; null: of all.</param>
/// <param name="Cold">True: only cold ones, false: only hot ones, null: both, and those that never ran.</param>
/// <param name="Failed">True: only failed ones, false: only answered ones, null: both.</param>
/// <param name="Most">At most so many, 1 to 1,000.</param>
/// <param name="Before">Those older than the call with this id; null: from the newest. For the next page.</param>
internal sealed record CallFilter(string? FunctionId = null, bool? Cold = null, bool? Failed = null, int Most = 50, string? Before = null);

/// <summary>Calls over the last minutes, in steps of equal length.</summary>
/// <param name="Step">Length of a step.</param>
/// <param name="Steps">The steps, oldest first; the last is the latest whole one.</param>
/// <param name="EndedAgo">How long ago the last one ended.</param>
internal sealed record CallSeries(TimeSpan Step, IReadOnlyList<CallFigures> Steps, TimeSpan EndedAgo);

/// <summary>What became of calls in a stretch of time. Durations are milliseconds from the head to the function's headers, null when there was none.</summary>
/// <param name="Calls">Calls that ended in it.</param>
/// <param name="Cold">Those of them that were cold.</param>
/// <param name="Failed">Those of them that failed.</param>
/// <param name="HotP50">Median of hot calls.</param>
/// <param name="HotP99">99th percentile of hot calls.</param>
/// <param name="ColdP50">Median of cold calls.</param>
/// <param name="ColdP99">99th percentile of cold calls.</param>
/// <param name="ColdMilliseconds">What cold calls waited for starts, together.</param>
internal sealed record CallFigures(long Calls, long Cold, long Failed, double? HotP50, double? HotP99, double? ColdP50, double? ColdP99, double ColdMilliseconds)
{
    /// <summary>Of a time in which nothing was called.</summary>
    public static readonly CallFigures None = new(0, 0, 0, null, null, null, null, 0);
}

/// <summary>What calls and their cold starts came to.</summary>
/// <param name="Calls">Calls that ended.</param>
/// <param name="Cold">Those of them that were cold.</param>
/// <param name="Failed">Those of them that failed.</param>
/// <param name="ColdMilliseconds">What cold calls waited for starts, together.</param>
internal readonly record struct CallCosts(long Calls, long Cold, long Failed, double ColdMilliseconds)
{
    public static CallCosts operator +(CallCosts one, CallCosts other) =>
        new(one.Calls + other.Calls, one.Cold + other.Cold, one.Failed + other.Failed, one.ColdMilliseconds + other.ColdMilliseconds);
}
