using System.Diagnostics;
using Fn.ServiceDefaults.Contracts;

namespace Fn.ServiceDefaults.Telemetry;

/// <summary>What all spans have in common.</summary>
public static class SpanExtensions
{
    /// <summary>
    /// Starts a span under a given parent and leaves the caller's current one as it is, so that what the caller does next does not belong to it by chance.
    /// </summary>
    /// <param name="source">Where spans come from.</param>
    /// <param name="name">Its name.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="parent">Its parent; the default: it is the root of a trace of its own.</param>
    /// <param name="start">When it began.</param>
    /// <param name="links">Spans it has to do with.</param>
    public static Activity? StartAside(
        this ActivitySource source, string name, ActivityKind kind, ActivityContext parent, DateTimeOffset start, IEnumerable<ActivityLink>? links = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        var current = Activity.Current;
        // A root is only one without a current span.
        if (current is not null)
            Activity.Current = null;
        var span = source.StartActivity(name, kind, parent, tags: null, links, start);
        if (!ReferenceEquals(Activity.Current, current))
            Activity.Current = current;
        return span;
    }

    /// <summary>Adds a phase that is over.</summary>
    public static Activity? AddPhase(this ActivitySource source, string name, Activity parent, DateTimeOffset start, DateTimeOffset end)
    {
        ArgumentNullException.ThrowIfNull(parent);
        var span = source.StartAside(name, ActivityKind.Internal, parent.Context, start);
        span?.StopAt(end);
        return span;
    }

    /// <summary>Ends a span at an instant, wherever that is done; the caller's current span stays what it is.</summary>
    public static void StopAt(this Activity span, DateTimeOffset end)
    {
        ArgumentNullException.ThrowIfNull(span);
        var current = Activity.Current;
        span.SetEndTime(end.UtcDateTime);
        span.Stop();
        if (ReferenceEquals(current, span))
            return;
        if (!ReferenceEquals(Activity.Current, current))
            Activity.Current = current;
    }

    /// <summary>Says that what the span stands for failed.</summary>
    public static void Fail(this Activity span, string error, string? detail = null, DateTimeOffset at = default)
    {
        ArgumentNullException.ThrowIfNull(span);
        span.SetStatus(ActivityStatusCode.Error, detail ?? error);
        span.SetTag(FaasTags.ErrorType, error);
        var tags = new ActivityTagsCollection { { FaasTags.ExceptionType, error } };
        if (detail is not null)
            tags[FaasTags.ExceptionMessage] = detail;
        span.AddEvent(new ActivityEvent(FaasTags.InvocationException, at, tags));
    }

    /// <summary>The name of an error in spans and metrics. There are few of them, and names of an enum cost nothing.</summary>
    public static string NameOf(CallError error) => ErrorNames.Of(error);

    private static class ErrorNames
    {
        private static readonly string[] Names = Enum.GetNames<CallError>();

        public static string Of(CallError error) => (int)error < Names.Length ? Names[(int)error] : "_OTHER";
    }
}
