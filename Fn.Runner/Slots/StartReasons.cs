using System.Globalization;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>
/// Puts into words why a container was started, and what had to go for it. The words travel in a header among fields that a semicolon ends, so there is
/// none in them, and nothing but ASCII.
/// </summary>
internal static class StartReasons
{
    /// <summary>Victims that are named; of further ones only the number is told.</summary>
    private const int MostNamed = 3;

    public static string OfStart(in StartCause cause)
    {
        if (cause.Call is null)
            return "kept ready, no call asked for it";
        if (cause.Snapshot is not { } pool)
            return "a container for this call alone";
        if (pool.Ready + pool.Starting == 0)
            return string.Create(CultureInfo.InvariantCulture, $"first container: {pool.Waiting} waiting, 0 ready, 0 starting");
        var counts = string.Create(CultureInfo.InvariantCulture, $"{pool.Waiting} waiting, {pool.Ready} ready, {pool.Starting} starting, {Service(pool)}, step {pool.Step}");
        if (cause.Decision.PredictedWait <= pool.Start)
            return $"calls have been waiting for {Words(pool.Lasting ?? pool.Start)}, one after the other, starting takes {Words(pool.Start)}: {counts}";
        return $"waiting {Words(cause.Decision.PredictedWait)} takes longer than starting {Words(pool.Start)}: {counts}";
    }

    /// <summary>What was evicted for a start; null: nothing.</summary>
    /// <param name="victims">Idle containers that were stopped for it.</param>
    /// <param name="claimed">A container that was taken, as its call was over, from a function that held much; null: none.</param>
    /// <param name="policy">Why these, in the eviction policy's words.</param>
    /// <param name="bytes">What the start needs.</param>
    public static string? OfEviction(IReadOnlyList<Victim> victims, Victim? claimed, string policy, long bytes)
    {
        if (victims.Count == 0)
            return claimed is null ? null : $"took {Name(claimed)} after its call, its function held the most memory and none was idle, for {Size(bytes)}";
        var named = string.Join(", ", victims.Take(MostNamed).Select(victim => $"{Name(victim)} idle {Words(victim.Idle)}"));
        var more = victims.Count > MostNamed ? string.Create(CultureInfo.InvariantCulture, $" and {victims.Count - MostNamed} more") : "";
        return $"evicted {named}{more}, {policy}, for {Size(bytes)}";
    }

    private static string Name(Victim victim) => $"fn {Name(victim.Pool.Function)} container {victim.Container.Id}";

    /// <summary>Names may be of any script; ids are not.</summary>
    private static string Name(FunctionSpec function)
    {
        foreach (var c in function.FunctionName)
        {
            if (c is <= ' ' or >= '\x7f' or ';' or ',')
                return function.FunctionId;
        }
        return function.FunctionName;
    }

    private static string Service(in LaunchSnapshot pool) =>
        pool.OldestRunning > (pool.Service ?? pool.Start) ? $"a call has been running for {Words(pool.OldestRunning.Value)}"
        : pool.Service is { } service ? $"{Words(service)} a call"
        : "no call timed yet";

    private static string Words(TimeSpan span) => span.TotalSeconds >= 10
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.#} ms");

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024)} MiB");
}
