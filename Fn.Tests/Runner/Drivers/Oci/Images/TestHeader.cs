using System.Globalization;
using System.Text;

namespace Fn.Tests.Runner.Drivers.Oci.Images;

/// <summary>Single headers of a tar archive, true or not.</summary>
internal static class TestHeader
{
    /// <summary>The block that announces an entry.</summary>
    public static byte[] Of(string name, char type, long size)
    {
        var block = new byte[512];
        void Put(int at, string text) => Encoding.ASCII.GetBytes(text, block.AsSpan(at));

        Put(0, name);
        Put(100, "0000644\0");
        Put(108, "0000000\0");
        Put(116, "0000000\0");
        Put(124, Convert.ToString(size, 8).PadLeft(11, '0') + "\0");
        Put(136, "00000000000\0");
        // The sum is taken with spaces in its own place.
        Put(148, "        ");
        block[156] = (byte)type;
        Put(257, type is 'L' or 'K' or 'D' ? "ustar  \0" : "ustar\000");
        Put(148, string.Create(CultureInfo.InvariantCulture, $"{Convert.ToString(block.Sum(value => value), 8).PadLeft(6, '0')}\0 "));
        return block;
    }
}
