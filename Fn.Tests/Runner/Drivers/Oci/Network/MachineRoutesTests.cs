using Fn.Runner.Drivers.Oci.Network;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Network;

public sealed class MachineRoutesTests
{
    [Fact]
    public void Parse_KernelsTable_IsAllButTheWayToEverywhere()
    {
        string[] lines =
        [
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
            "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
            "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
            "fn-1\t0004C70A\t00000000\t0001\t0\t0\t0\t00FCFFFF\t0\t0\t0",
            "not a route",
        ];

        Assert.Equal(["eth0 192.0.2.0/24", "fn-1 10.199.4.0/22"], MachineRoutes.Parse(lines).Select(route => $"{route.Interface} {route.Block}"));
    }
}
