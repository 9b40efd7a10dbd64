using System.Diagnostics;
using Fn.Api.Placement;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Bench.Cluster;

/// <summary>How long it takes to decide where a call goes: from the call's offer to the runner's taking it, which takes no time here.</summary>
internal sealed class Decisions
{
    private readonly Latencies _latencies = new();
    private long _bytes;

    public DecisionFigures Figures => new(
        _latencies.Count, _latencies.Micros(0.5), _latencies.Micros(0.99), _latencies.Count == 0 ? 0 : (double)_bytes / _latencies.Count);

    /// <param name="placer">Who decides.</param>
    /// <param name="function">The function that is called.</param>
    /// <param name="cold">Whether it has no container. No runner will report one, so the view is not to count on it: the call is detached.</param>
    public async ValueTask PlaceAsync(Placer placer, FunctionSpec function, bool cold)
    {
        var offer = Calls.Offer(function, detached: cold);
        _ = function.Revision;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var begun = Stopwatch.GetTimestamp();
        // The runner answers at once, so this completes on the same thread.
        var placement = await placer.PlaceAsync(offer, CancellationToken.None);
        _latencies.Since(begun);
        _bytes += GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (placement.Outcome is FailedOutcome)
            throw new InvalidOperationException("A call was not placed.");
        placement.Release();
    }
}

/// <summary>Microseconds and bytes of one decision.</summary>
internal sealed record DecisionFigures(int Count, double P50Micros, double P99Micros, double AllocatedBytes);
