using System.Diagnostics;
using Fn.Runner.Containers;
using Fn.Runner.Telemetry;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Slots;

/// <summary>
/// What spans and metrics say of a container's end. No call waits in it, so evictions and idle ends are traces of their own, linked to the start that got
/// the memory and to the container's own.
/// </summary>
internal static class StopTrace
{
    public static void Add(RunnerTelemetry? telemetry, FunctionSpec function, HotContainer container, TimeProvider time)
    {
        if (telemetry is null || container.Stop is not { } stop)
            return;
        if (telemetry.Stops.Enabled)
        {
            telemetry.Stops.Add(1, new KeyValuePair<string, object?>(FaasTags.StopReason, stop.Reason.Name()));
            if (stop.Reason.IsEviction())
                telemetry.Evictions.Add(1, new KeyValuePair<string, object?>(FaasTags.EvictionReason, stop.Reason.Name()));
        }
        if ((stop.Reason.IsEviction() || stop.Reason == StopReason.IdleTimeout) && telemetry.Source.HasListeners())
            AddSpan(telemetry, function, container, stop, new WallClock(time));
    }

    private static void AddSpan(RunnerTelemetry telemetry, FunctionSpec function, HotContainer container, ContainerStop stop, in WallClock clock)
    {
        var links = new List<ActivityLink>();
        if (stop.RoomFor is { } room)
            links.Add(Link(room, FaasTags.LinkRoomFor));
        if (container.Timeline.Span is { } start)
            links.Add(Link(start, FaasTags.LinkStart));
        var evicted = stop.Reason.IsEviction();
        var span = telemetry.Source.StartAside(evicted ? "evict container" : "stop idle container", ActivityKind.Internal, default, clock.At(stop.At), links);
        if (span is null)
            return;
        if (span.IsAllDataRequested)
        {
            span.SetTag(evicted ? FaasTags.EvictionReason : FaasTags.StopReason, stop.Reason.Name());
            span.SetTag(FaasTags.Name, FunctionNames.Full(function));
            span.SetTag(FaasTags.FunctionId, function.FunctionId);
            span.SetTag(FaasTags.Version, function.Revision);
            span.SetTag(FaasTags.Instance, container.Id);
            span.SetTag(FaasTags.MaxMemory, function.MemoryBytes);
            span.SetTag(FaasTags.ImageName, function.Image);
            span.SetTag(FaasTags.ContainerCalls, container.Calls);
            span.SetTag(FaasTags.RunnerId, telemetry.RunnerId);
            if (stop.ForFunction is { } other)
                span.SetTag(FaasTags.ForFunction, FunctionNames.Full(other));
        }
        span.StopAt(clock.At(clock.Timestamp));
    }

    private static ActivityLink Link(Activity to, string what) => new(to.Context, new ActivityTagsCollection { { FaasTags.Link, what } });
}
