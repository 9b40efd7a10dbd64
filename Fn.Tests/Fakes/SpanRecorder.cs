using System.Collections.Concurrent;
using System.Diagnostics;

namespace Fn.Tests.Fakes;

/// <summary>Listens to one source, and to no other of that name, and keeps the spans that ended.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _spans = new();

    public SpanRecorder(ActivitySource source, ActivitySamplingResult sampling = ActivitySamplingResult.AllDataAndRecorded)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = other => ReferenceEquals(other, source),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => sampling,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>In the order in which they ended.</summary>
    public IReadOnlyList<Activity> Spans => [.. _spans];

    public Activity this[string name] => _spans.Single(span => span.OperationName == name);

    public void Dispose() => _listener.Dispose();
}
