using Fn.Runner.Drivers.Oci.Network;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Network;

/// <summary>Beside no others: a process that is being started has the sockets of its parent for a moment.</summary>
[Collection(OciRuns.Name)]
public sealed class BlockClaimTests
{
    [Theory]
    [InlineData("203.0.112.0/22", "203.0.112.0/22", false)]
    [InlineData("203.0.112.0/22", "203.0.113.0/24", false)]
    [InlineData("203.0.112.0/22", "203.0.116.0/22", true)]
    public void TryTake_WhileAnotherIsHeld_IsRefusedWhereTheyOverlap(string held, string wanted, bool free)
    {
        using (BlockClaim.TryTake(Ipv4BlockTests.Block(held)))
        {
            using var second = BlockClaim.TryTake(Ipv4BlockTests.Block(wanted));
            Assert.Equal(free, second is not null);
        }
        using var after = BlockClaim.TryTake(Ipv4BlockTests.Block(wanted));
        Assert.NotNull(after);
    }
}
