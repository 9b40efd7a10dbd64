using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fn.Runner.Identity;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Telemetry;

/// <summary>The runner's source of spans and its instruments. What nobody listens to is not made. Thread-safe.</summary>
internal sealed class RunnerTelemetry : IDisposable
{
    public const string Name = "Fn.Runner";

    private readonly RunnerIdentity? _identity;
    private readonly MeasurementBatch<CallMeasurement> _calls;

    public RunnerTelemetry(IMeterFactory meters, FunctionNames names, RunnerIdentity? identity = null)
    {
        Names = names;
        _identity = identity;
        _calls = new MeasurementBatch<CallMeasurement>(call => call.TellTo(this));
        var meter = meters.Create(Name);
        InvokeDuration = Histogram(meter, "faas.invoke_duration", Buckets.Faas, "From a call's slot to the end of its answer.");
        InitDuration = Histogram(meter, "faas.init_duration", Buckets.Faas, "From the grant of a container's start until it is ready.");
        ColdStarts = meter.CreateCounter<long>("faas.coldstarts", "{coldstart}", "Calls that waited for their container to start and were its first.");
        Errors = meter.CreateCounter<long>("faas.errors", "{error}", "Calls that failed, but for those that timed out or whose client left.");
        Invocations = meter.CreateCounter<long>("faas.invocations", "{invocation}", "Calls that the function answered.");
        Timeouts = meter.CreateCounter<long>("faas.timeouts", "{timeout}", "Calls that ran longer than the function's timeout.");
        SlotWait = Histogram(meter, "fn.slot.wait.duration", Buckets.Fine, "Time that calls waited for a slot; calls that found one free are not in it.");
        StartDuration = Histogram(meter, "fn.container.start.duration", Buckets.Fine, "From the image being there until the container is ready, or its start failed.");
        PullDuration = Histogram(meter, "fn.image.pull.duration", Buckets.Fine, "Time to get the image of a container that is started, often none.");
        Evictions = meter.CreateCounter<long>("fn.container.evictions", "{eviction}", "Containers that were stopped so that others get their memory, or because somebody asked for it.");
        Stops = meter.CreateCounter<long>("fn.container.stops", "{container}", "Containers that ended, whatever the reason.");
    }

    public ActivitySource Source { get; } = new(Name);

    /// <summary>What functions are called in metrics.</summary>
    public FunctionNames Names { get; }

    public string? RunnerId => _identity?.Id;

    public Histogram<double> InvokeDuration { get; }

    public Histogram<double> InitDuration { get; }

    public Counter<long> ColdStarts { get; }

    public Counter<long> Errors { get; }

    public Counter<long> Invocations { get; }

    public Counter<long> Timeouts { get; }

    public Histogram<double> SlotWait { get; }

    public Histogram<double> StartDuration { get; }

    public Histogram<double> PullDuration { get; }

    public Counter<long> Evictions { get; }

    public Counter<long> Stops { get; }

    /// <summary>A call is over here.</summary>
    /// <param name="call">The call.</param>
    /// <param name="error">Why it failed; null: the function answered.</param>
    /// <param name="time">The clock of its times.</param>
    public void Measure(CallOffer call, CallError? error, TimeProvider time)
    {
        if (!Invocations.Enabled)
            return;
        var measured = CallMeasurement.Of(call, error, time);
        // One that is traced may be kept as an example beside the figures, with what is current now.
        if (call.Span?.Recorded == true)
            measured.TellTo(this);
        else
            _calls.Add(measured);
    }

    /// <summary>Tells the instruments what they have not been told yet. To be called before they are read.</summary>
    public void Flush() => _calls.Flush();

    public void Dispose() => Source.Dispose();

    private static Histogram<double> Histogram(Meter meter, string name, InstrumentAdvice<double> advice, string description) =>
        meter.CreateHistogram(name, "s", description, tags: null, advice);
}
