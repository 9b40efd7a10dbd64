using System.Diagnostics;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Containers;

/// <summary>Timestamps (TimeProvider) of a container's start, and why it was started.</summary>
internal sealed class LaunchTimeline
{
    /// <summary>The start was decided on.</summary>
    public long Requested { get; init; }

    /// <summary>Start budget, memory and victim were there.</summary>
    public long Granted { get; set; }

    public long Pulled { get; set; }

    public long Created { get; set; }

    public long Started { get; set; }

    public long Ready { get; set; }

    /// <inheritdoc cref="CallTimeline.StartReason"/>
    public string? StartReason { get; init; }

    /// <inheritdoc cref="CallTimeline.EvictionReason"/>
    public string? EvictionReason { get; init; }

    /// <summary>The span of the start; null: it is not traced.</summary>
    public Activity? Span { get; init; }

    /// <summary>Tells a call that waited for this start why it was made.</summary>
    public void ExplainTo(CallTimeline call)
    {
        call.StartReason = StartReason;
        call.EvictionReason = EvictionReason;
        call.StartSpan = Span;
    }
}
