namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>The network that containers are in.</summary>
internal enum ContainerNetworkKind
{
    /// <summary>Loopback alone, each its own.</summary>
    None,

    /// <summary>A bridge of the runner, by which they reach this machine and what this machine reaches, but not each other.</summary>
    Bridge,
}
