using System.Net;
using System.Net.Sockets;

namespace Fn.AppHost.Offline;

/// <summary>The ports on loopback that the resources listen on.</summary>
internal static class Ports
{
    /// <summary>Gives a port to each resource that may have any, and sees to it that those that want a certain one can have it.</summary>
    /// <exception cref="AppHostException">Something listens there.</exception>
    public static void Choose(IEnumerable<StartedResource> resources)
    {
        // Held until all are chosen, so that none is chosen twice.
        var held = new List<Socket>();
        try
        {
            var projects = resources.OfType<ProjectResource>().ToList();
            foreach (var project in projects.Where(project => project.Port > 0))
                held.AddRange(Hold(project.Name, project.Port!.Value));
            foreach (var project in projects.Where(project => project.Port == 0))
                project.Port = HoldAny(held);
            foreach (var redis in resources.OfType<RedisResource>())
                redis.Port = HoldAny(held);
        }
        finally
        {
            held.ForEach(socket => socket.Dispose());
        }
    }

    private static List<Socket> Hold(string name, int port)
    {
        var held = new List<Socket>();
        try
        {
            foreach (var address in (IPAddress[])[IPAddress.Loopback, .. Socket.OSSupportsIPv6 ? [IPAddress.IPv6Loopback] : (IPAddress[])[]])
                held.Add(Bind(address, port));
            return held;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            return held;
        }
        catch (SocketException e)
        {
            held.ForEach(socket => socket.Dispose());
            throw new AppHostException($"{name} cannot listen on port {port}: {e.Message}. Stop what listens there, or choose another port: --{name}-port PORT", e);
        }
    }

    private static int HoldAny(List<Socket> held)
    {
        held.Add(Bind(IPAddress.Loopback, 0));
        return ((IPEndPoint)held[^1].LocalEndPoint!).Port;
    }

    private static Socket Bind(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As servers do: connections of an earlier one that linger are no obstacle. For any port, though, it has to be one that nobody else has bound.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, port != 0);
            socket.Bind(new IPEndPoint(address, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
