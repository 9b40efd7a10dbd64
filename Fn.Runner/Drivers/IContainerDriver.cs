using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Drivers;

/// <summary>What starts and removes containers. One instance a process; thread-safe. Everything the engine knows of Docker, runc or child processes.</summary>
internal interface IContainerDriver
{
    /// <summary>Its name in settings, logs and docs.</summary>
    string Name { get; }

    /// <summary>What a start usually takes, until there are measurements.</summary>
    TimeSpan TypicalStart { get; }

    /// <summary>Whether its containers see what this process mounts in a directory that is given to them. Asked before each creation.</summary>
    bool SeesMounts { get; }

    /// <summary>Whether this driver is the one that runs this image.</summary>
    bool Runs(string image);

    /// <summary>Makes the image available here. One pull an image, however many ask. Null: it is there; else why not. The caller sets the limit by <paramref name="cancel"/>.</summary>
    ValueTask<CallFailure?> PullAsync(string image, CancellationToken cancel);

    /// <summary>Creates a container that is not yet running.</summary>
    ValueTask<CreateOutcome> CreateAsync(ContainerSpec spec, CancellationToken cancel);

    /// <summary>Removes every container that carries one of these runners' labels. Called before the first start.</summary>
    Task RemoveLeftoversAsync(IReadOnlyCollection<string> runnerIds, CancellationToken cancel);
}

/// <summary>A created container, or why there is none.</summary>
internal readonly record struct CreateOutcome(IContainer? Container, CallFailure? Failure)
{
    public static implicit operator CreateOutcome(CallFailure failure) => new(null, failure);
}
