using Fn.Runner.Drivers.Oci;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci;

public sealed class OciOptionsValidatorTests
{
    [Theory]
    [InlineData("10.199.0.0/16", true)]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("192.168.7.8/29", true)]
    [InlineData("10.199.0.1/16", false)]
    [InlineData("10.199.0.0/30", false)]
    [InlineData("0.0.0.0/0", false)]
    [InlineData("fd00::/64", false)]
    [InlineData("", false)]
    public void Validate_Subnet_IsOneOfIpv4(string subnet, bool allowed) => Assert.Equal(
        allowed ? null : $"Fn:Oci:Subnet is '{subnet}': allowed is an IPv4 subnet from /8 to /29 that begins with the address given, for instance 10.199.0.0/16",
        new OciOptionsValidator().Validate(null, new OciOptions { Subnet = subnet }).FailureMessage);

    [Theory]
    [InlineData("9.9.9.9", true)]
    [InlineData("127.0.0.53", false)]
    [InlineData("::1", false)]
    [InlineData("dns.example.org", false)]
    [InlineData("9.9", false)]
    public void Validate_NameServer_IsAnAddressThatContainersReach(string server, bool allowed) => Assert.Equal(
        allowed ? null : $"Fn:Oci:NameServers has '{server}': allowed are IPv4 addresses that are not loopback, for instance 9.9.9.9",
        new OciOptionsValidator().Validate(null, new OciOptions { NameServers = [server] }).FailureMessage);
}
