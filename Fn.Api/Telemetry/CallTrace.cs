using System.Diagnostics;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Api.Telemetry;

/// <summary>What a gateway's spans and metrics say of one call, read from its timeline. Costs nothing, and allocates nothing, while nobody listens.</summary>
internal readonly struct CallTrace
{
    private readonly GatewayTelemetry _telemetry;
    private readonly Activity? _span;

    private CallTrace(GatewayTelemetry telemetry, Activity? span)
    {
        _telemetry = telemetry;
        _span = span;
    }

    /// <summary>Begins a call's span, below the client's if it sent one, and makes it the caller's current one.</summary>
    public static CallTrace Begin(GatewayTelemetry telemetry, HttpContext context, CallTimeline timeline)
    {
        telemetry.Enter();
        if (!telemetry.Source.HasListeners())
            return new CallTrace(telemetry, null);

        var headers = context.Request.Headers;
        // Two of them are as good as none.
        var parent = TraceContextText.Parse(headers.TraceParent is [{ } one] ? one : null, headers.TraceState.Count > 0 ? headers.TraceState.ToString() : null);
        var span = telemetry.Source.StartAside(NameOf(context), ActivityKind.Server, parent, new WallClock(telemetry.Time).At(timeline[CallPhase.Received]));
        if (span is not null)
            Activity.Current = span;
        if (span?.Recorded == true)
            timeline.TraceId = span.TraceId.ToHexString();
        return new CallTrace(telemetry, span);
    }

    /// <summary>The call is over, for the client.</summary>
    public void End(HttpContext context, FunctionSpec function, string callId, CallTimeline timeline)
    {
        if (!timeline.Has(CallPhase.Ended))
            timeline.Mark(CallPhase.Ended);
        _telemetry.Leave();
        _telemetry.Measure(function, timeline, traced: _span?.Recorded == true);
        if (_span is null)
            return;
        if (_span.IsAllDataRequested)
            Describe(context, function, callId, timeline);
        _span.StopAt(new WallClock(_telemetry.Time).At(timeline[CallPhase.Ended]));
    }

    private static string NameOf(HttpContext context) => RouteOf(context) switch
    {
        "/invoke/{fnId}" when context.Request.Method == "POST" => "POST /invoke/{fnId}",
        { } route => $"{context.Request.Method} {route}",
        null => context.Request.Method,
    };

    private static string? RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;

    private void Describe(HttpContext context, FunctionSpec function, string callId, CallTimeline timeline)
    {
        var span = _span!;
        span.SetTag(FaasTags.HttpMethod, context.Request.Method);
        span.SetTag(FaasTags.HttpRoute, RouteOf(context));
        span.SetTag(FaasTags.UrlPath, context.Request.Path.Value);
        span.SetTag(FaasTags.HttpStatus, timeline.Error == CallError.ClientLeft ? 499 : context.Response.StatusCode);
        span.SetTag(FaasTags.InvocationId, callId);
        span.SetTag(FaasTags.Name, FunctionNames.Full(function));
        span.SetTag(FaasTags.FunctionId, function.FunctionId);
        span.SetTag(FaasTags.Start, CallMeasurement.StartOf(timeline));
        span.SetTag(FaasTags.RunnerId, timeline.RunnerId);
        if (timeline.ContainerId is { } container)
            span.SetTag(FaasTags.Instance, container);
        if (timeline.Error is { } error)
            span.Fail(SpanExtensions.NameOf(error));
    }
}
