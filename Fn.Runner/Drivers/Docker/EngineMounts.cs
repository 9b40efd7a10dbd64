using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Fn.Runner.Drivers.Docker;

/// <summary>Tells whether an engine sees this process's mounts, by who listens on its socket.</summary>
internal static class EngineMounts
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    /// <summary>Null: the engine cannot be asked now.</summary>
    /// <param name="host">Where it listens.</param>
    public static bool? AreShared(string host)
    {
        if (!host.StartsWith("unix://", StringComparison.Ordinal))
            return false;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(host["unix://".Length..]));
            // Its process, user and group; no process where it has no number in this process's namespace.
            Span<int> peer = stackalloc int[3];
            socket.GetRawSocketOption(SocketLevel, PeerCredentials, MemoryMarshal.AsBytes(peer));
            return peer[0] > 0 && MountsOf("self") is { } own && own == MountsOf(peer[0].ToString(CultureInfo.InvariantCulture));
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static string? MountsOf(string process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/ns/mnt").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
