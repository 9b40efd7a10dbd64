using Fn.Api.Placement;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Warmth;

/// <summary>What one runner was asked to keep of one revision, and what it said. What the asking sets is read once that is over.</summary>
internal sealed class Wish(RunnerView runner)
{
    public RunnerView Runner => runner;

    public required FunctionSpec Function { get; set; }

    public int Count { get; set; }

    /// <summary>Timestamp at which it was asked last.</summary>
    public long AskedAt { get; set; }

    /// <summary>The run of the runner that was asked: another one knows nothing of it.</summary>
    public string? Epoch { get; set; }

    /// <summary>The asking; never faults.</summary>
    public Task Asking { get; set; } = Task.CompletedTask;

    /// <summary>What the runner answered last; null: it was not reached.</summary>
    public WarmState? State { get; set; }

    /// <summary>Whether <see cref="State"/> was looked at.</summary>
    public bool IsNoted { get; set; } = true;

    /// <summary>It is not wanted any more and was asked for the last time.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>The failure that was told of last.</summary>
    public string? ToldFailure { get; set; }

    /// <summary>Containers that are ready, as far as they were asked for.</summary>
    public int Ready => Asking.IsCompleted ? Math.Min(State?.Ready ?? 0, Count) : 0;

    public bool Failed => Asking.IsCompleted && State?.Failure is not null;
}
