using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Containers;

/// <summary>
/// How a call gets to a container and its answer back. Formats differ in how a duplex stream to the function is got and framed, and in nothing else.
/// Stateless; one instance a process.
/// </summary>
internal interface IFunctionFormat
{
    /// <summary>The value of a function's <c>format</c>.</summary>
    string Name { get; }

    /// <summary>True when a container serves one call and is made for it: the call's head is part of its environment.</summary>
    bool OneCall { get; }

    /// <summary>False when a container says nothing before its first answer, so that its first exchange counts as part of its start.</summary>
    bool HasReadySignal { get; }

    /// <summary>True when the container needs a directory for its socket.</summary>
    bool NeedsSocketDirectory { get; }

    /// <summary>Adds the format's own variables. <paramref name="call"/> is there exactly when <see cref="OneCall"/>.</summary>
    void AddEnvironment(IDictionary<string, string> environment, FunctionSpec function, CallOffer? call, DateTimeOffset now);

    /// <summary>
    /// Waits until the started container is ready and opens the channel to it. An outcome with a failure means that the container has to be removed.
    /// </summary>
    /// <param name="container">A container that runs.</param>
    /// <param name="function">Whose container it is.</param>
    /// <param name="socketDirectory">The directory of its socket, when <see cref="NeedsSocketDirectory"/>.</param>
    /// <param name="cancel">Cancelled by the caller when the start takes too long.</param>
    ValueTask<OpenOutcome> OpenAsync(IContainer container, FunctionSpec function, string? socketDirectory, CancellationToken cancel);
}

/// <summary>An open channel, or why there is none.</summary>
internal readonly record struct OpenOutcome(ICallChannel? Channel, CallFailure? Failure)
{
    public static implicit operator OpenOutcome(CallFailure failure) => new(null, failure);
}
