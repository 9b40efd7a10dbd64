using Fn.Runner.Drivers.Oci.Network;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Network;

public sealed class Ipv4BlockTests
{
    [Theory]
    [InlineData("10.199.0.0/16", "10.199.0.0", "10.199.255.255", "10.199.0.1")]
    [InlineData("192.168.7.8/29", "192.168.7.8", "192.168.7.15", "192.168.7.9")]
    [InlineData("0.0.0.0/0", "0.0.0.0", "255.255.255.255", "0.0.0.1")]
    [InlineData("255.255.255.255/32", "255.255.255.255", "255.255.255.255", "0.0.0.0")]
    public void TryParse_Subnet_IsItsAddresses(string text, string first, string last, string gateway)
    {
        Assert.True(Ipv4Block.TryParse(text, out var block));
        Assert.Equal([first, last, gateway], new[] { block.First, block.Last, block.Gateway }.Select(Ipv4Block.ToText));
        Assert.Equal(text, block.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.199.0.0")]
    [InlineData("10.199.0.1/16")]
    [InlineData("10.199.0.0/33")]
    [InlineData("10.199/16")]
    [InlineData("fd00::/64")]
    public void TryParse_NoSubnet_IsFalse(string text) => Assert.False(Ipv4Block.TryParse(text, out _));

    [Theory]
    [InlineData("10.0.0.0/8", "10.199.4.0/22", true)]
    [InlineData("10.199.4.0/22", "10.0.0.0/8", true)]
    [InlineData("10.199.4.0/22", "10.199.7.255/32", true)]
    [InlineData("10.199.4.0/22", "10.199.8.0/22", false)]
    [InlineData("10.199.4.0/22", "10.199.3.0/24", false)]
    public void Overlaps_Blocks_WhenTheyShareAnAddress(string one, string other, bool overlap) => Assert.Equal(overlap, Block(one).Overlaps(Block(other)));

    [Theory]
    [InlineData("10.199.0.0/21", "10.199.0.0/22 10.199.4.0/22")]
    [InlineData("10.199.4.0/22", "10.199.4.0/22")]
    [InlineData("10.199.0.8/29", "10.199.0.8/29")]
    public void Split_Block_IsItsPartsOrItself(string whole, string parts) => Assert.Equal(parts, string.Join(' ', Block(whole).Split(22)));

    [Fact]
    public void Split_LargestSubnet_EndsAtItsEnd()
    {
        var parts = Block("255.0.0.0/8").Split(22).ToList();

        Assert.Equal((16384, "255.255.252.0/22"), (parts.Count, parts[^1].ToString()));
    }

    internal static Ipv4Block Block(string text) => Ipv4Block.TryParse(text, out var block) ? block : throw new ArgumentException("no block", nameof(text));
}
