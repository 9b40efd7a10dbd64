using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Api.Telemetry;

/// <summary>The gateway's source of spans and its instruments. What nobody listens to is not made. Thread-safe.</summary>
internal sealed class GatewayTelemetry : IDisposable
{
    public const string Name = "Fn.Api";

    private readonly MeasurementBatch<CallMeasurement> _calls;
    private long _active;
    private long _placed;

    public GatewayTelemetry(IMeterFactory meters, FunctionNames names, TimeProvider time)
    {
        Names = names;
        Time = time;
        _calls = new MeasurementBatch<CallMeasurement>(call => call.TellTo(this));
        var meter = meters.Create(Name);
        CallDuration = meter.CreateHistogram("fn.call.duration", "s", "From a call's head to the end of its answer.", tags: null, Buckets.Fine);
        meter.CreateObservableUpDownCounter("fn.gateway.call.active", Active, "{call}", "Calls that are not over.");
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

    /// <summary>A runner took a call.</summary>
    public void CountPlaced()
    {
        if (Attempts.Enabled)
            Interlocked.Increment(ref _placed);
    }

    /// <summary>A call is over, for the client.</summary>
    /// <param name="function">Its function.</param>
    /// <param name="timeline">Its times.</param>
    /// <param name="traced">Whether its trace is recorded: then it may be kept as an example beside the figures, with what is current now.</param>
    public void Measure(FunctionSpec function, CallTimeline timeline, bool traced)
    {
        if (!CallDuration.Enabled)
            return;
        var measured = CallMeasurement.Of(function, timeline);
        if (traced)
            measured.TellTo(this);
        else
            _calls.Add(measured);
    }

    /// <summary>Tells the instruments what they have not been told yet. To be called before they are read, as is done when this gateway's calls are counted.</summary>
    public void Flush()
    {
        _calls.Flush();
        if (Interlocked.Exchange(ref _placed, 0) is > 0 and var placed)
            Attempts.Add(placed, new KeyValuePair<string, object?>(FaasTags.PlacementOutcome, FaasTags.OutcomePlaced));
    }

    public void Dispose() => Source.Dispose();

    private long Active()
    {
        Flush();
        return Volatile.Read(ref _active);
    }
}
