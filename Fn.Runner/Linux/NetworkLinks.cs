using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Linux;

/// <summary>
/// Network interfaces of the namespace that the socket was opened in: bridges, pairs of virtual ones, their addresses and routes. All but those that try throw
/// <see cref="IOException"/>. Names have up to 15 characters; addresses are IPv4, the highest byte first.
/// </summary>
internal static partial class NetworkLinks
{
    private const ushort NewLink = 16;
    private const ushort DeleteLink = 17;
    private const ushort SetLink = 19;
    private const ushort NewAddress = 20;
    private const ushort NewRoute = 24;

    private const ushort LinkAddress = 1;
    private const ushort LinkName = 3;
    private const ushort LinkMaster = 10;
    private const ushort LinkInfo = 18;
    private const ushort LinkNamespace = 28;
    private const ushort InfoKind = 1;
    private const ushort InfoData = 2;
    private const ushort InfoPortKind = 4;
    private const ushort InfoPortData = 5;
    private const ushort VethPeer = 1;
    private const ushort PortIsolated = 33;

    private const ushort AddressWhole = 1;
    private const ushort AddressLocal = 2;
    private const ushort RouteGateway = 5;
    private const ushort RouteInterface = 4;

    private const byte Ipv4 = 2;
    private const uint IsUp = 1;
    private const byte MainTable = 254;
    private const byte ByBoot = 3;
    private const byte Unicast = 1;
    private const int NoSuchDevice = 19;

    /// <summary>Adds a bridge, down.</summary>
    public static void AddBridge(this RouteSocket socket, string name, uint address) => socket.Ask(
        new RouteMessage(NewLink, RouteMessage.Create).Add(Interface()).Add(LinkName, name).Add(LinkAddress, HardwareAddress(address))
            .Nest(LinkInfo, info => info.Add(InfoKind, "bridge"u8)),
        $"The bridge {name} cannot be made");

    /// <summary>Adds a pair of interfaces, down: what goes into one comes out of the other.</summary>
    /// <param name="socket">Of the namespace of the first.</param>
    /// <param name="name">The first.</param>
    /// <param name="address">The IPv4 address that it will have. Its hardware address is made of it, so that whoever has the address next is found at once.</param>
    /// <param name="peer">The other.</param>
    /// <param name="peerNamespace">The network namespace of the other.</param>
    public static void AddPair(this RouteSocket socket, string name, uint address, string peer, SafeFileHandle peerNamespace) => socket.Ask(
        new RouteMessage(NewLink, RouteMessage.Create).Add(Interface()).Add(LinkName, name).Add(LinkAddress, HardwareAddress(address))
            .Nest(LinkInfo, info => info.Add(InfoKind, "veth"u8)
                .Nest(InfoData, data => data
                    .Nest(VethPeer, other => other.Add(Interface()).Add(LinkName, peer).Add(LinkNamespace, (int)peerNamespace.DangerousGetHandle())))),
        $"The pair of interfaces {name} and {peer} cannot be made");

    /// <summary>Makes an interface a port of a bridge that does not reach the other ports of this kind, only the bridge itself, and sets it up.</summary>
    public static void AddIsolatedPort(this RouteSocket socket, string name, string bridge)
    {
        var index = IndexOf(name);
        socket.Ask(new RouteMessage(SetLink).Add(Interface(index)).Add(LinkMaster, IndexOf(bridge)), $"{name} cannot be made a port of {bridge}");
        socket.Ask(
            new RouteMessage(NewLink).Add(Interface(index))
                .Nest(LinkInfo, info => info.Add(InfoPortKind, "bridge"u8).Nest(InfoPortData, data => data.Add(PortIsolated, [(byte)1]))),
            $"{name} cannot be kept apart from the other ports of {bridge}");
        socket.SetUp(name);
    }

    public static void SetUp(this RouteSocket socket, string name) => socket.Ask(
        new RouteMessage(SetLink).Add(Interface(IndexOf(name), IsUp)), $"{name} cannot be set up");

    public static void AddAddress(this RouteSocket socket, string name, uint address, int prefix) => socket.Ask(
        new RouteMessage(NewAddress, RouteMessage.Create).Add(new Address(Ipv4, (byte)prefix, 0, 0, IndexOf(name)))
            .AddAddress(AddressLocal, address).AddAddress(AddressWhole, address),
        $"{name} cannot be given its address");

    public static void AddDefaultRoute(this RouteSocket socket, string name, uint gateway) => socket.Ask(
        new RouteMessage(NewRoute, RouteMessage.Create).Add(new Route(Ipv4, 0, 0, 0, MainTable, ByBoot, 0, Unicast, 0))
            .AddAddress(RouteGateway, gateway).Add(RouteInterface, IndexOf(name)),
        $"{name} cannot be made the way out");

    /// <summary>Removes an interface, with it the other of its pair, wherever that is. When this returns nothing goes through them any more. Nothing happens when it is not there.</summary>
    public static void Remove(this RouteSocket socket, string name)
    {
        if (socket.TryAsk(new RouteMessage(DeleteLink).Add(Interface()).Add(LinkName, name)) is not (0 or NoSuchDevice) and var error)
            throw LayerFiles.Failed(error, $"{name} cannot be removed");
    }

    private static byte[] HardwareAddress(uint address)
    {
        // Of those that nobody has bought, by their first byte.
        byte[] bytes = [0x02, 0x46, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(2), address);
        return bytes;
    }

    private static int IndexOf(string name) =>
        NameToIndex(name) is > 0 and var index ? (int)index : throw LayerFiles.Failed(Marshal.GetLastPInvokeError(), $"There is no interface {name}");

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint NameToIndex(string name);

    private static Link Interface(int index = 0, uint flags = 0) => new(0, 0, 0, index, flags, flags);

    // struct ifinfomsg
    private readonly record struct Link(byte Family, byte Padding, ushort Type, int Index, uint Flags, uint Change);

    // struct ifaddrmsg
    private readonly record struct Address(byte Family, byte Prefix, byte Flags, byte Scope, int Index);

    // struct rtmsg
    private readonly record struct Route(
        byte Family, byte DestinationPrefix, byte SourcePrefix, byte ServiceType, byte Table, byte Protocol, byte Scope, byte Type, uint Flags);
}
