using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Containers;

/// <summary>A container that is ready, or why there is none.</summary>
internal readonly record struct LaunchOutcome(HotContainer? Container, CallFailure? Failure)
{
    private readonly Task? _removal;

    /// <summary>Without a container: completes when nothing is left of the one that was tried.</summary>
    public Task Removal
    {
        get => _removal ?? Task.CompletedTask;
        init => _removal = value;
    }
}
