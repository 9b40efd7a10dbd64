using System.Net;
using System.Net.Sockets;

namespace Fn.Bench;

internal static class Loopback
{
    /// <summary>A port that nobody listens on right now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
