namespace Fn.ServiceDefaults.Contracts;

/// <summary>What a runner says of itself. Thread-safe.</summary>
public interface IRunnerStatusSource
{
    /// <summary>True from the moment the runner takes no more calls. Cheap: asked for every answer.</summary>
    bool Draining { get; }

    RunnerStatus GetStatus();
}
