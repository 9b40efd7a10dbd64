using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Api.Telemetry;

/// <summary>The gateway's source of spans and its instruments. What nobody listens to is not made. Thread-safe.</summary>
internal sealed class GatewayTelemetry : IDisposable
{
    public const string Name = "Fn.Api";

    private long _active;

    public GatewayTelemetry(IMeterFactory meters, FunctionNames names, TimeProvider time)
    {
        Names = names;
        Time = time;
        var meter = meters.Create(Name);
        CallDuration = meter.CreateHistogram("fn.call.duration", "s", "From a call's head to the end of its answer.", tags: null, Buckets.Fine);
        meter.CreateObservableUpDownCounter("fn.gateway.call.active", () => Volatile.Read(ref _active), "{call}", "Calls that are not over.");
        Attempts = meter.CreateCounter<long>("fn.placement.attempts", "{attempt}", "Offers of a call to a runner.");
    }

    public ActivitySource Source { get; } = new(Name);

    public TimeProvider Time { get; }

    /// <summary>What functions are called in metrics.</summary>
    public FunctionNames Names { get; }

    public Histogram<double> CallDuration { get; }

    public Counter<long> Attempts { get; }

    /// <summary>A call has come. Counted here and asked for by whoever measures: an instrument for each change would cost as much as all else that is measured.</summary>
    public void Enter() => Interlocked.Increment(ref _active);

    /// <summary>A call that came is over.</summary>
    public void Leave() => Interlocked.Decrement(ref _active);

    public void Dispose() => Source.Dispose();
}
