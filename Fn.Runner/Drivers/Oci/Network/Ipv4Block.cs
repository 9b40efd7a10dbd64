using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>The IPv4 addresses that begin with the same bits: <c>10.0.0.0/8</c>.</summary>
/// <param name="First">The first of them, its highest byte first.</param>
/// <param name="Prefix">How many bits are the same: 0 to 32.</param>
internal readonly record struct Ipv4Block(uint First, int Prefix)
{
    public uint Last => First | ~Mask(Prefix);

    /// <summary>The host's own address on a bridge that has this block.</summary>
    public uint Gateway => First + 1;

    /// <summary>Reads <c>ADDRESS/PREFIX</c>. False also where the address has bits behind the prefix: then it is not clear what is meant.</summary>
    public static bool TryParse(string text, out Ipv4Block block)
    {
        block = default;
        if (!IPNetwork.TryParse(text, out var network) || network.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
            return false;
        block = new Ipv4Block(ToNumber(network.BaseAddress), network.PrefixLength);
        return block.First == (block.First & Mask(block.Prefix)) && text.StartsWith(ToText(block.First), StringComparison.Ordinal);
    }

    public bool Overlaps(Ipv4Block other) => First <= other.Last && other.First <= Last;

    /// <summary>The block in parts of so many equal bits; itself, where it is no larger.</summary>
    public IEnumerable<Ipv4Block> Split(int prefix)
    {
        if (prefix <= Prefix)
        {
            yield return this;
            yield break;
        }
        for (long first = First; first <= Last; first += 1L << (32 - prefix))
            yield return new Ipv4Block((uint)first, prefix);
    }

    public static uint ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out _) ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : throw new ArgumentException("No IPv4 address", nameof(address));
    }

    public static string ToText(uint address) => new IPAddress([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]).ToString();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ToText(First)}/{Prefix}");

    private static uint Mask(int prefix) => prefix == 0 ? 0 : uint.MaxValue << (32 - prefix);
}
