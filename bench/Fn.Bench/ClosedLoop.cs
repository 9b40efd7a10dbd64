using System.Diagnostics;

namespace Fn.Bench;

/// <summary>Clients that make one call after the other, without a pause or at a pace. One that is late makes nothing up.</summary>
internal static class ClosedLoop
{
    /// <param name="clients">How many.</param>
    /// <param name="time">For how long.</param>
    /// <param name="call">Makes a call.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <param name="pace">Time from one call of a client to its next; null: none but the call's own.</param>
    public static async Task<LoopFigures> RunAsync(int clients, TimeSpan time, Func<CancellationToken, Task> call, CancellationToken cancel, TimeSpan? pace = null)
    {
        var begun = Stopwatch.GetTimestamp();
        var all = new Latencies();
        foreach (var some in await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => ClientAsync(client), cancel))))
            all.Add(some);
        return new LoopFigures(all.Count, all.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds, all.Micros(0.5), all.Micros(0.99));

        async Task<Latencies> ClientAsync(int client)
        {
            var latencies = new Latencies();
            var due = pace * ((double)client / clients);
            while (Stopwatch.GetElapsedTime(begun) < time)
            {
                if (due - Stopwatch.GetElapsedTime(begun) is { Ticks: > 0 } early)
                    await Task.Delay(early, TimeProvider.System, cancel);
                due += pace;
                var since = Stopwatch.GetTimestamp();
                await call(cancel);
                latencies.Since(since);
            }
            return latencies;
        }
    }
}

internal sealed record LoopFigures(int Calls, double CallsPerSecond, double P50Micros, double P99Micros);
