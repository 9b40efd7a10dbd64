using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Cluster;

namespace Fn.Api.Runners;

/// <summary>Connections to runners on this machine, past TCP (docs/adr/0018).</summary>
internal static class LocalRunner
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    // For all such connections of the process, as the framework's own thread is for all others. Not a Lazy: one that could not be made is made another time.
    private static EventLoops? s_loops;
    private static object? s_makingLoops;

    /// <summary>Connects to the runner that listens on this address; null: it is elsewhere, or has no <see cref="RunnerSocket"/>.</summary>
    public static async ValueTask<Stream?> TryConnectAsync(DnsEndPoint endpoint, CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux() || AddressOf(endpoint.Host) is not { } address)
            return null;
        var stream = await TryConnectAsync(new IPEndPoint(address, endpoint.Port), cancel) ?? await TryConnectAsync(new IPEndPoint(IPAddress.Any, endpoint.Port), cancel);
        // Last, because going through the machine's addresses takes longer than all of the above.
        if (stream is null || IsOwn(address))
            return stream;
        await stream.DisposeAsync();
        return null;
    }

    private static async ValueTask<Stream?> TryConnectAsync(IPEndPoint listening, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(RunnerSocket.For(listening), cancel);
            if (IsTrusted(socket))
                return new PolledSocket(socket, Loops());
        }
        catch (SocketException)
        {
            // Nobody has that name, or too many wait there: by TCP then.
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        socket.Dispose();
        return null;
    }

    private static EventLoops Loops() => LazyInitializer.EnsureInitialized(ref s_loops, ref s_makingLoops, static () => new EventLoops(1));

    /// <summary>Anybody can take a name that is free; the kernel knows who has.</summary>
    private static bool IsTrusted(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        if (socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials) != credentials.Length)
            return false;
        var user = BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]);
        return user == 0 || user == LinuxFiles.EffectiveUser();
    }

    private static IPAddress? AddressOf(string host)
    {
        if (IPAddress.TryParse(host, out var address))
            return address;
        return host == "localhost" ? IPAddress.Loopback : null;
    }

    private static bool IsOwn(IPAddress address) => IPAddress.IsLoopback(address) || NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(net => net.GetIPProperties().UnicastAddresses)
        .Any(unicast => unicast.Address.Equals(address));
}
