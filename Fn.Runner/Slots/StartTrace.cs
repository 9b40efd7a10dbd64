using System.Diagnostics;
using Fn.Runner.Containers;
using Fn.Runner.Telemetry;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Slots;

/// <summary>What spans and metrics say of a start: it belongs to the call that made the difference, and is traced when that is.</summary>
internal static class StartTrace
{
    /// <summary>The span of a start that was decided on; null: it is not traced. Its end makes it visible, so a start that never begins leaves nothing.</summary>
    public static Activity? Begin(RunnerTelemetry? telemetry, in StartCause cause, TimeProvider time) =>
        cause.Call?.Span is { IsAllDataRequested: true } call && telemetry is not null && telemetry.Source.HasListeners()
            ? telemetry.Source.StartAside("cold start", ActivityKind.Internal, call.Context, new WallClock(time).At(cause.At))
            : null;

    /// <summary>A start is over.</summary>
    /// <param name="telemetry">Whom to tell.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="driver">The driver's name.</param>
    /// <param name="start">How it went.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="time">The clock.</param>
    public static void End(RunnerTelemetry? telemetry, StartRequest request, string driver, LaunchTimeline start, in LaunchOutcome outcome, TimeProvider time)
    {
        if (telemetry is null)
            return;
        var clock = new WallClock(time);
        Measure(telemetry, request, driver, start, outcome.Failure, time);
        if (request.Span is not { } span)
            return;
        var end = clock.At(start.Ready != 0 ? start.Ready : clock.Timestamp);
        AddPhases(telemetry.Source, span, start, clock, end, outcome.Failure);
        Describe(span, request, driver, start, outcome.Container?.Id, telemetry.RunnerId);
        if (outcome.Failure is { } failure)
            span.Fail(SpanExtensions.NameOf(failure.Error), failure.Detail);
        span.StopAt(end);
    }

    private static void AddPhases(ActivitySource source, Activity span, LaunchTimeline start, in WallClock clock, DateTimeOffset end, CallFailure? failure)
    {
        var from = clock.At(start.Granted);
        source.AddPhase("wait start", span, clock.At(start.Requested), from);
        foreach (var (name, reached) in (ReadOnlySpan<(string, long)>)
            [("pull image", start.Pulled), ("create container", start.Created), ("start container", start.Started), ("ready", start.Ready)])
        {
            var until = reached != 0 ? clock.At(reached) : end;
            var phase = source.StartAside(name, ActivityKind.Internal, span.Context, from);
            // The first one that was not reached is where it failed.
            if (reached == 0 && failure is not null)
                phase?.Fail(SpanExtensions.NameOf(failure.Error), failure.Detail);
            phase?.StopAt(until);
            if (reached == 0)
                return;
            from = until;
        }
    }

    private static void Describe(Activity span, StartRequest request, string driver, LaunchTimeline start, string? containerId, string? runnerId)
    {
        var function = request.Pool.Function;
        span.SetTag(FaasTags.Name, FunctionNames.Full(function));
        span.SetTag(FaasTags.FunctionId, function.FunctionId);
        span.SetTag(FaasTags.Version, function.Revision);
        span.SetTag(FaasTags.MaxMemory, function.MemoryBytes);
        span.SetTag(FaasTags.ImageName, function.Image);
        span.SetTag(FaasTags.Format, function.Format);
        span.SetTag(FaasTags.Driver, driver);
        span.SetTag(FaasTags.RunnerId, runnerId);
        if (containerId is not null)
            span.SetTag(FaasTags.Instance, containerId);
        span.SetTag(FaasTags.LaunchReason, start.StartReason);
        if (start.EvictionReason is not null)
            span.SetTag(FaasTags.Eviction, start.EvictionReason);
        if (request.Cause.Snapshot is not { } seen)
            return;
        span.SetTag(FaasTags.LaunchWaiting, seen.Waiting);
        span.SetTag(FaasTags.LaunchReady, seen.Ready);
        span.SetTag(FaasTags.LaunchStarting, seen.Starting);
        if (seen.Service is { } service)
            span.SetTag(FaasTags.LaunchServiceTime, service.TotalMilliseconds);
        if (seen.OldestRunning is { } oldest)
            span.SetTag(FaasTags.LaunchOldestRunning, oldest.TotalMilliseconds);
        if (seen.Lasting is { } lasting)
            span.SetTag(FaasTags.LaunchLasting, lasting.TotalMilliseconds);
        span.SetTag(FaasTags.LaunchStartTime, seen.Start.TotalMilliseconds);
        span.SetTag(FaasTags.LaunchPredictedWait, request.Cause.Decision.PredictedWait.TotalMilliseconds);
        span.SetTag(FaasTags.LaunchStep, seen.Step);
        span.SetTag(FaasTags.LaunchDecision, request.Cause.Decision.Start);
    }

    private static void Measure(
        RunnerTelemetry telemetry, StartRequest request, string driver, LaunchTimeline start, CallFailure? failure, TimeProvider time)
    {
        if (!telemetry.StartDuration.Enabled)
            return;
        var now = time.GetTimestamp();
        var name = telemetry.Names.Of(request.Pool.Function);
        if (start.Ready != 0)
            telemetry.InitDuration.Record(Seconds(start.Granted, start.Ready), new(FaasTags.Trigger, FaasTags.TriggerHttp), new(FaasTags.Name, name));
        var tags = new TagList { { FaasTags.Name, name }, { FaasTags.Driver, driver } };
        if (failure is not null)
            tags.Add(FaasTags.ErrorType, SpanExtensions.NameOf(failure.Error));
        telemetry.PullDuration.Record(Seconds(start.Granted, start.Pulled != 0 ? start.Pulled : now), tags);
        if (start.Pulled != 0)
            telemetry.StartDuration.Record(Seconds(start.Pulled, start.Ready != 0 ? start.Ready : now), tags);

        double Seconds(long from, long to) => time.GetElapsedTime(from, to).TotalSeconds;
    }
}
