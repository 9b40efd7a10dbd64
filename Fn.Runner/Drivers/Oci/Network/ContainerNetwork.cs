using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>The network of one container: a namespace with a way to the bridge, used once and then thrown away, with all connections that were made there.</summary>
/// <param name="pool">Where it is from.</param>
/// <param name="space">The namespace. It is there as long as this is open, or a container is in it.</param>
/// <param name="address">Its address.</param>
/// <param name="port">The interface that is its end at the bridge.</param>
/// <param name="directory">What is on the disk of it. Its name is that of the interface.</param>
internal sealed class ContainerNetwork(NetworkPool pool, SafeFileHandle space, uint address, string port, string directory)
{
    public const string HostsFile = "hosts";
    public const string ResolverFileName = "resolv.conf";

    public uint Address { get; } = address;

    /// <summary>The interface that is its end at the bridge.</summary>
    public string Port { get; } = port;

    public string Directory { get; } = directory;

    /// <summary>Where a runtime finds the namespace.</summary>
    public string Path { get; } = string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{space.DangerousGetHandle()}");

    /// <summary>What containers see at <c>/etc/hosts</c>.</summary>
    public string Hosts => System.IO.Path.Combine(Directory, HostsFile);

    /// <summary>What containers see at <c>/etc/resolv.conf</c>.</summary>
    public string Resolver => System.IO.Path.Combine(Directory, ResolverFileName);

    /// <summary>To be called when the container it was taken for is started, or will not be: the next one is prepared then, and not while the start needs the processors.</summary>
    public void StartIsOver() => pool.Fill();

    /// <summary>To be called once, when its container is gone. It goes by itself after that.</summary>
    public void Discard() => pool.Discard(this);

    /// <summary>Lets go of the namespace.</summary>
    internal void Close() => space.Dispose();
}
