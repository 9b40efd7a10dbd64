using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>Where this machine sends what: addresses that are in use already.</summary>
internal static class MachineRoutes
{
    public const string File = "/proc/net/route";

    /// <summary>Reads the kernel's table. The way to everywhere, which overlaps everything, is left out.</summary>
    public static IReadOnlyList<(string Interface, Ipv4Block Block)> Parse(IEnumerable<string> lines)
    {
        const int Destination = 1;
        const int Mask = 7;
        var routes = new List<(string, Ipv4Block)>();
        foreach (var line in lines.Skip(1))
        {
            var fields = line.Split('\t', StringSplitOptions.TrimEntries);
            if (fields.Length > Mask && Number(fields[Destination]) is { } first && Number(fields[Mask]) is { } mask and not 0)
                routes.Add((fields[0], new Ipv4Block(first, BitOperations.PopCount(mask))));
        }
        return routes;
    }

    // As a number of the machine, of bytes in the order of the wire.
    private static uint? Number(string hex) =>
        uint.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(number) : number
            : null;
}
