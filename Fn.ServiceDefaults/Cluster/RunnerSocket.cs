using System.Net;
using System.Net.Sockets;

namespace Fn.ServiceDefaults.Cluster;

/// <summary>
/// The unix socket by which gateways reach a runner on their own machine (docs/adr/0018). It is abstract: it exists inside of one network namespace, as an address of
/// its loopback does, is no file, and is gone with the runner's process.
/// </summary>
public static class RunnerSocket
{
    /// <summary>The socket of the runner that listens on this address; one that listens on all addresses has it once.</summary>
    public static UnixDomainSocketEndPoint For(IPEndPoint listening)
    {
        ArgumentNullException.ThrowIfNull(listening);
        var all = listening.Address.Equals(IPAddress.Any) || listening.Address.Equals(IPAddress.IPv6Any);
        return new UnixDomainSocketEndPoint(all ? $"\0fn-runner/*:{listening.Port}" : $"\0fn-runner/{listening}");
    }
}
