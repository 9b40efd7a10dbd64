using System.Net;
using System.Net.Sockets;

namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>What containers are told of name servers: what the machine knows, but for those that a container cannot reach.</summary>
internal static class ResolverFile
{
    // The second is what systemd-resolved, which itself listens on loopback, asks.
    private static readonly string[] Machines = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

    /// <summary>The whole file. Reads those of the machine each time: name servers change.</summary>
    /// <param name="servers">The name servers; empty: the machine's.</param>
    /// <param name="read">Reads a file; null when there is none.</param>
    public static string Make(IReadOnlyCollection<string> servers, Func<string, string?> read)
    {
        if (servers.Count > 0)
            return string.Concat(Keep(read(Machines[0]) ?? "", _ => false).Concat(servers.Select(server => $"nameserver {server}")).Select(line => line + "\n"));
        var files = Machines.Select(file => string.Concat(Keep(read(file) ?? "", IsReachable).Select(line => line + "\n"))).ToList();
        return files.Find(HasServer) ?? files[0];
    }

    /// <summary>Whether names can be asked for at all.</summary>
    public static bool HasServer(string file) => file.Split('\n').Any(line => ServerOf(line) is not null);

    private static IEnumerable<string> Keep(string file, Func<string, bool> keepServer) =>
        file.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] is not ('#' or ';') && (ServerOf(line) is not { } server || keepServer(server)));

    // Containers have no IPv6, and loopback is their own.
    private static bool IsReachable(string server) =>
        IPAddress.TryParse(server, out var address) && address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address);

    private static string? ServerOf(string line) =>
        line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is ["nameserver", var server, ..] ? server : null;
}
