using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Drivers;

/// <summary>One container of a driver. Started once, removed once.</summary>
internal interface IContainer
{
    string Id { get; }

    /// <summary>The container's standard input. There once <see cref="StartAsync"/> has returned null. Disposing it is the end of input.</summary>
    Stream Input { get; }

    /// <summary>The container's standard output. An idle pending read costs no thread, and ends at once when its token is cancelled; so do writes.</summary>
    Stream Output { get; }

    /// <summary>The container's standard error: the function's log. Must be read, or the function blocks.</summary>
    Stream Log { get; }

    /// <summary>Completes when the main process has ended, whatever the cause; never faults.</summary>
    Task<ContainerExit> Ended { get; }

    /// <summary>Runs it. Null: it runs; else why not (the caller then removes it).</summary>
    ValueTask<CallFailure?> StartAsync(CancellationToken cancel);

    /// <summary>
    /// Ends it by force, with everything it started, and gives back all it held (files, sockets, streams). Completes when it is really gone. Idempotent: a
    /// second call awaits the first. Never throws.
    /// </summary>
    Task RemoveAsync();
}

/// <summary>How a container ended.</summary>
/// <param name="Code">Its exit code; 128 + the signal's number when a signal ended it; negative when nobody knows: see <see cref="Lost"/>.</param>
/// <param name="OutOfMemory">True when it was killed for using more memory than it may.</param>
internal readonly record struct ContainerExit(int Code, bool OutOfMemory)
{
    /// <summary>It is gone together with what could have told how.</summary>
    public static ContainerExit Lost { get; } = new(-1, OutOfMemory: false);
}
