using System.Net.Sockets;

namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>
/// A block of addresses that no other runner on this machine's network takes. It is the name of a socket without a file: the kernel lets it be had once in a
/// network namespace, whatever files and users runners see, and takes it back from a process however that ends.
/// </summary>
internal sealed class BlockClaim : IDisposable
{
    /// <summary>Bits that blocks of one runner have in common: 1,021 containers, and a bridge of Linux has 1,024 ports.</summary>
    public const int Prefix = 22;

    private readonly Socket _socket;

    private BlockClaim(Socket socket) => _socket = socket;

    /// <summary>Null: another runner has it, or a part of it.</summary>
    public static BlockClaim? TryTake(Ipv4Block block)
    {
        // Smaller ones lie in one of those that are cut out of larger subnets.
        var whole = new Ipv4Block(block.First >> (32 - Prefix) << (32 - Prefix), Prefix);
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint($"\0fn/network/{whole}"));
            return new BlockClaim(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();
}
