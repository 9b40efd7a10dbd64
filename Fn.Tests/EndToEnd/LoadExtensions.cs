using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.EndToEnd;

/// <summary>What load tests do with a platform.</summary>
internal static class LoadExtensions
{
    /// <summary>Makes so many calls at once.</summary>
    public static List<Task<CallResult>> CallMany(this Platform platform, string id, int count, string behaviour) =>
        [.. Enumerable.Range(0, count).Select(_ => platform.CallAsync(id, behaviour))];

    /// <summary>Asks a runner until it is in the state that a test needs, which nothing else tells.</summary>
    public static async Task<RunnerStatus> StatusWhenAsync(this Platform platform, Func<RunnerStatus, bool> reached, string what)
    {
        RunnerStatus? status = null;
        await Eventually.HoldsAsync(async () => reached(status = await platform.StatusAsync()), what);
        return status!;
    }

    /// <summary>Numbers calls in the order in which they are answered, from 0.</summary>
    public static async Task<int[]> CompletionOrderAsync(this IEnumerable<Task<CallResult>> calls)
    {
        var answered = -1;
        return await Task.WhenAll(calls.Select(async call =>
        {
            await call;
            return Interlocked.Increment(ref answered);
        }));
    }
}
