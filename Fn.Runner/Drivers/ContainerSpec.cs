using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Drivers;

/// <summary>What a driver has to know to create a container.</summary>
internal sealed class ContainerSpec
{
    /// <summary>Where a container sees its <see cref="SocketDirectory"/>.</summary>
    public const string SocketMount = "/tmp/iofs";

    /// <summary>The container's id (<see cref="FnId"/>), its name with the engine.</summary>
    public required string Id { get; init; }

    /// <summary>The runner it is labelled with.</summary>
    public required string RunnerId { get; init; }

    public required FunctionSpec Function { get; init; }

    /// <summary>The whole environment: config, then the platform's variables, which win.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>A directory on the host that the container sees at <c>/tmp/iofs</c> (a process sees it where it is); null when the format needs none.</summary>
    public string? SocketDirectory { get; init; }
}
