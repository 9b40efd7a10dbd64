using System.Net;
using System.Net.Sockets;
using Fn.Runner.Drivers.Oci.Network;
using Fn.Runner.Linux;
using Microsoft.Win32.SafeHandles;

namespace Fn.Tests.Runner.Drivers.Oci.Network;

/// <summary>Another machine, as far as the network goes: a namespace behind an interface of this one, with a TCP server in it. It knows no way but to its neighbour.</summary>
internal sealed class OutsideMachine : IAsyncDisposable
{
    private const string Port = "fnoutside";

    // Addresses for documentation: nobody's.
    private static readonly Ipv4Block Wire = Ipv4BlockTests.Block("198.51.100.0/30");

    private TcpListener? _listener;
    private SafeFileHandle? _space;

    public static IPAddress Neighbour { get; } = IPAddress.Parse("198.51.100.1");

    public IPEndPoint Server => (IPEndPoint)_listener!.LocalEndpoint;

    public static async Task<OutsideMachine> StartAsync()
    {
        var machine = new OutsideMachine();
        using var own = NetworkNamespace.OpenOwn();
        using var host = RouteSocket.Open();
        host.Remove(Port);
        machine._space = await NetworkNamespace.MakeAsync(socket =>
        {
            socket.AddPair("eth0", Wire.First + 2, Port, own);
            socket.AddAddress("eth0", Wire.First + 2, Wire.Prefix);
            socket.SetUp("eth0");
            // A socket stays in the namespace that it was made in.
            machine._listener = new TcpListener(IPAddress.Parse("198.51.100.2"), 0);
            machine._listener.Start();
        });
        host.AddAddress(Port, Wire.First + 1, Wire.Prefix);
        host.SetUp(Port);
        return machine;
    }

    /// <summary>Who connects next.</summary>
    public async Task<IPAddress> AcceptAsync(CancellationToken cancel)
    {
        using var client = await _listener!.AcceptSocketAsync(cancel);
        return ((IPEndPoint)client.RemoteEndPoint!).Address;
    }

    public ValueTask DisposeAsync()
    {
        _listener?.Dispose();
        using var host = RouteSocket.Open();
        host.Remove(Port);
        _space?.Dispose();
        return ValueTask.CompletedTask;
    }
}
