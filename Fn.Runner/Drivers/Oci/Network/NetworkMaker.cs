using Fn.Runner.Linux;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>Makes and unmakes the networks of containers: no process is started for it. Thread-safe.</summary>
/// <param name="bridge">The bridge they are on.</param>
/// <param name="directory">Where on the disk they are written down: by their names there, those of a runner that is gone are found.</param>
/// <param name="nameServers">Those that are given to containers; empty: the machine's.</param>
internal sealed class NetworkMaker(Bridge bridge, string directory, IReadOnlyCollection<string> nameServers)
{
    private const string Inside = "eth0";
    private const string Loopback = "lo";
    private const string PortPrefix = "fnv";
    private const UnixFileMode ForReading = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>A new network, or why there is none.</summary>
    public async Task<(ContainerNetwork? Network, string? Error)> MakeAsync(NetworkPool pool)
    {
        if (bridge.Addresses.TryTake() is not { } address)
            return (null, $"all addresses of {bridge.Block} are in use");
        var port = PortPrefix + Guid.NewGuid().ToString("N")[..12];
        var place = Path.Combine(directory, port);
        SafeFileHandle? space = null;
        try
        {
            WriteFiles(place, address);
            space = await NetworkNamespace.MakeAsync(socket => Furnish(socket, address, port));
            Ipv6.TurnOff(port);
            using var host = RouteSocket.Open();
            host.AddIsolatedPort(port, bridge.Name);
            return (new ContainerNetwork(pool, space, address, port, place), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            space?.Dispose();
            var left = Remove(port, place);
            bridge.Addresses.GiveBack(address);
            return (null, left ?? e.Message);
        }
    }

    /// <summary>Unmakes one. Its address is given to others only when nothing can go to it any more. Returns what stays, if something does.</summary>
    public string? Remove(ContainerNetwork network)
    {
        network.Close();
        var left = Remove(network.Port, network.Directory);
        if (left is null)
            bridge.Addresses.GiveBack(network.Address);
        return left;
    }

    /// <summary>Removes the interface at the bridge, with it the other end inside, and what is on the disk.</summary>
    public static string? Remove(string port, string place)
    {
        try
        {
            using var socket = RouteSocket.Open();
            socket.Remove(port);
            if (Directory.Exists(place))
                Directory.Delete(place, recursive: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private void WriteFiles(string place, uint address)
    {
        Directory.CreateDirectory(place);
        Write(Path.Combine(place, ContainerNetwork.HostsFile), $"127.0.0.1 localhost\n::1 localhost\n{Ipv4Block.ToText(address)} {Environment.MachineName}\n");
        Write(Path.Combine(place, ContainerNetwork.ResolverFileName), ResolverFile.Make(nameServers, path => File.Exists(path) ? File.ReadAllText(path) : null));

        static void Write(string path, string text)
        {
            File.WriteAllText(path, text);
            // Functions have another user.
            File.SetUnixFileMode(path, ForReading);
        }
    }

    /// <summary>What is done within the namespace, by a thread that is in it.</summary>
    private void Furnish(RouteSocket socket, uint address, string port)
    {
        Ipv6.TurnOff(Ipv6.ToCome);
        socket.SetUp(Loopback);
        socket.AddPair(Inside, address, port, bridge.Host);
        socket.AddAddress(Inside, address, bridge.Block.Prefix);
        socket.SetUp(Inside);
        socket.AddDefaultRoute(Inside, bridge.Block.Gateway);
    }
}
