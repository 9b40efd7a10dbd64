using Fn.Runner.Drivers.Oci.Network;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Network;

public sealed class ResolverFileTests
{
    [Theory]
    [InlineData("# of the machine\nsearch example.org\nnameserver 10.0.0.2\noptions edns0\n", null, "search example.org\nnameserver 10.0.0.2\noptions edns0\n")]
    [InlineData("nameserver 127.0.0.1\nnameserver ::1\nnameserver fd00::1\nnameserver 10.0.0.2\n", null, "nameserver 10.0.0.2\n")]
    [InlineData("nameserver 127.0.0.53\nsearch stub\n", "nameserver 10.0.0.3\n", "nameserver 10.0.0.3\n")]
    [InlineData("nameserver 127.0.0.53\nsearch stub\n", null, "search stub\n")]
    [InlineData(null, null, "")]
    public void Make_NoneGiven_AreTheMachinesThatCanBeReached(string? file, string? resolved, string made) =>
        Assert.Equal(made, ResolverFile.Make([], path => path == "/etc/resolv.conf" ? file : resolved));

    [Fact]
    public void Make_Given_TakeThePlaceOfTheMachines() =>
        Assert.Equal("search example.org\nnameserver 9.9.9.9\n", ResolverFile.Make(["9.9.9.9"], _ => "nameserver 10.0.0.2\nsearch example.org"));

    [Theory]
    [InlineData("search x\nnameserver 10.0.0.2\n", true)]
    [InlineData("search nameserver\n", false)]
    public void HasServer_File_WhenItNamesOne(string file, bool has) => Assert.Equal(has, ResolverFile.HasServer(file));
}
