using System.Diagnostics;
using Fn.Runner.Containers;
using Fn.Runner.Telemetry;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Calls;

/// <summary>What spans say of one call on this runner. There only while somebody listens. Reads the call's timeline; used by whoever holds the call.</summary>
internal sealed class CallTrace
{
    private readonly RunnerTelemetry _telemetry;
    private readonly CallOffer _call;
    private readonly TimeProvider _time;
    private readonly long _from;
    private readonly Activity? _server;
    private Activity? _run;
    private int _ended;

    private CallTrace(RunnerTelemetry telemetry, CallOffer call, TimeProvider time)
    {
        _telemetry = telemetry;
        _call = call;
        _time = time;
        _from = call.Timeline.Offered;
        var parent = TraceContextText.IsSet(call.Parent) ? call.Parent : FromClient(call.Headers);
        call.Span = _server = telemetry.Source.StartAside(call.Function.FunctionName, ActivityKind.Server, parent, new WallClock(time).At(_from));
        if (_server is not null)
            Activity.Current = _server;
    }

    private CallTimeline Timeline => _call.Timeline;

    /// <summary>Begins a call's trace, and makes its span the caller's current one; null: nobody listens.</summary>
    public static CallTrace? Begin(RunnerTelemetry? telemetry, CallOffer call, TimeProvider time) =>
        telemetry?.Source.HasListeners() == true ? new CallTrace(telemetry, call, time) : null;

    /// <summary>Makes the call's span the current one of a flow that it does not reach by itself.</summary>
    public void Enter()
    {
        if (_server is { IsStopped: false })
            Activity.Current = _server;
    }

    /// <summary>The call has its slot and is about to be sent; the span of its run, which the function is told of, becomes the caller's current one.</summary>
    public void BeginRun(HotContainer container, CallOffer call)
    {
        if (_server is null)
            return;
        if (_server.IsAllDataRequested)
        {
            var clock = new WallClock(_time);
            if (Timeline.Reason is not null)
                AddWait(clock, clock.At(Timeline[CallPhase.SlotTaken]), StartOf(container), null);
            _run = _telemetry.Source.StartActivity("run call", ActivityKind.Internal, _server.Context, tags: null, links: null, clock.At(Timeline[CallPhase.SlotTaken]));
            _run?.SetTag(FaasTags.Instance, container.Id);
        }
        call.Span = _run ?? _server;
        container.Log.Span = call.Span;
    }

    /// <summary>The container has taken nothing of the call, which goes to another one.</summary>
    public void NotSent()
    {
        if (_run is not { } run)
            return;
        _run = null;
        var clock = new WallClock(_time);
        run.Fail("not_sent");
        run.StopAt(clock.At(clock.Timestamp));
    }

    /// <summary>The call is over. Only the first word on that counts.</summary>
    public void End(CallError? error)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;
        if (_server is null)
            return;
        var clock = new WallClock(_time);
        EndRun(clock, error);
        if (_server.IsAllDataRequested)
        {
            if (!Timeline.Has(CallPhase.SlotTaken))
                AddWait(clock, clock.At(clock.Timestamp), Timeline.StartSpan, error);
            Describe();
            if (error is { } failed)
                _server.Fail(SpanExtensions.NameOf(failed));
        }
        _server.StopAt(clock.At(EndOf(clock)));
    }

    /// <summary>The runner does not take the call.</summary>
    public void Refuse(NotPlacedReason reason)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0 || _server is null)
            return;
        if (_server.IsAllDataRequested)
        {
            Describe();
            var name = RunnerWire.ToWire(reason) ?? "refused";
            _server.SetTag(FaasTags.NotPlaced, name);
            _server.SetTag(FaasTags.ErrorType, name);
            _server.SetStatus(ActivityStatusCode.Error, "not placed");
        }
        var clock = new WallClock(_time);
        _server.StopAt(clock.At(clock.Timestamp));
    }

    private static ActivityContext FromClient(IReadOnlyList<Header> headers)
    {
        var (parent, state) = ((string?)null, (string?)null);
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i].Name.Equals(TraceContextText.TraceParent, StringComparison.OrdinalIgnoreCase))
                parent = headers[i].Value;
            else if (headers[i].Name.Equals(TraceContextText.TraceState, StringComparison.OrdinalIgnoreCase))
                state = headers[i].Value;
        }
        return TraceContextText.Parse(parent, state);
    }

    private void EndRun(in WallClock clock, CallError? error)
    {
        if (_run is not { } run)
            return;
        _run = null;
        if (Timeline.Has(CallPhase.Answered) && error is null)
            run.AddEvent(new ActivityEvent("answered", clock.At(Timeline[CallPhase.Answered])));
        if (error is { } failed)
            run.Fail(SpanExtensions.NameOf(failed));
        run.StopAt(clock.At(EndOf(clock)));
    }

    private long EndOf(in WallClock clock) => Timeline.Has(CallPhase.Ended) ? Timeline[CallPhase.Ended] : clock.Timestamp;

    /// <summary>The start that the call waited for: its container's, unless that was over before the call came.</summary>
    private Activity? StartOf(HotContainer container) => container.WarmAt == 0 || container.WarmAt >= _from ? container.Timeline.Span : null;

    private void AddWait(in WallClock clock, DateTimeOffset end, Activity? start, CallError? error)
    {
        // Its own start is beside it in the same trace; another call's is linked.
        var link = start is not null && start.ParentSpanId != _server!.SpanId
            ? new ActivityLink[] { new(start.Context, new ActivityTagsCollection { { FaasTags.Link, FaasTags.LinkStart } }) }
            : null;
        var wait = _telemetry.Source.StartAside("wait slot", ActivityKind.Internal, _server!.Context, clock.At(_from), link);
        if (wait is null)
            return;
        wait.SetTag(FaasTags.WaitReason, Timeline.Reason);
        if (error is { } failed)
            wait.Fail(SpanExtensions.NameOf(failed));
        wait.StopAt(end);
    }

    private void Describe()
    {
        var function = _call.Function;
        _server!.SetTag(FaasTags.Trigger, FaasTags.TriggerHttp);
        _server.SetTag(FaasTags.ColdStart, Timeline.Cold);
        _server.SetTag(FaasTags.InvocationId, _call.CallId);
        _server.SetTag(FaasTags.Name, FunctionNames.Full(function));
        _server.SetTag(FaasTags.FunctionId, function.FunctionId);
        _server.SetTag(FaasTags.Version, function.Revision);
        _server.SetTag(FaasTags.MaxMemory, function.MemoryBytes);
        _server.SetTag(FaasTags.ImageName, function.Image);
        _server.SetTag(FaasTags.Format, function.Format);
        _server.SetTag(FaasTags.RunnerId, _telemetry.RunnerId);
        if (Timeline.ContainerId is { } container)
            _server.SetTag(FaasTags.Instance, container);
        if (_call.Detached)
            _server.SetTag(FaasTags.Detached, true);
    }
}
