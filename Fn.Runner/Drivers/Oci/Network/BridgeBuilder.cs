using System.Globalization;
using Fn.Runner.Drivers.Process;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>Makes a runner's bridge, with all that is needed of the machine for it.</summary>
internal sealed partial class BridgeBuilder(Ipv4Block subnet, ChildWatch children, ILogger logger)
{
    private const string Forwarding = "/proc/sys/net/ipv4/ip_forward";

    /// <summary>The bridge of this name, or what the machine lacks for it. One that is there is a leftover, and removed.</summary>
    public async Task<(Bridge? Bridge, string? Error)> BuildAsync(string name)
    {
        if (!MayChangeNetwork())
            return (null, "this process may not change the network (capability CAP_NET_ADMIN)");
        if ((PacketFilter.FindMissing() ?? await PacketFilter.RemoveAsync([name], children)) is { } unusable)
            return (null, unusable);
        Bridge? bridge = null;
        try
        {
            (bridge, var taken) = AddBridge(name);
            if (bridge is null)
                return (null, taken);
            var closed = Forward();
            if (await PacketFilter.AddAsync(ForwardingRules.Add(name, bridge.Block, closed), children) is { } refused)
            {
                // One table may have taken them.
                _ = await PacketFilter.RemoveAsync([name], children);
                bridge.Dispose();
                return (null, refused);
            }
            if (closed)
                Log.ForwardingOn(logger);
            Log.Built(logger, name, bridge.Block);
            return (bridge, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bridge?.Dispose();
            return (null, e.Message);
        }
    }

    private (Bridge? Bridge, string? Error) AddBridge(string name)
    {
        using var socket = RouteSocket.Open();
        socket.Remove(name);
        var (block, claim, error) = Claim();
        if (claim is null)
            return (null, error);
        var bridge = new Bridge(name, block, claim, NetworkNamespace.OpenOwn());
        try
        {
            socket.AddBridge(name, block.Gateway);
            Ipv6.TurnOff(name);
            socket.AddAddress(name, block.Gateway, block.Prefix);
            socket.SetUp(name);
            return (bridge, null);
        }
        catch
        {
            bridge.Dispose();
            throw;
        }
    }

    /// <summary>The first part of the subnet that is no other runner's, nor in use for anything else.</summary>
    private (Ipv4Block Block, BlockClaim? Claim, string? Error) Claim()
    {
        string? why = null;
        foreach (var block in subnet.Split(BlockClaim.Prefix))
        {
            if (BlockClaim.TryTake(block) is not { } claim)
            {
                why ??= $"{block} is another runner's";
                continue;
            }
            // After the claim: another runner that had it may have made a bridge of it before.
            var route = MachineRoutes.Parse(File.ReadLines(MachineRoutes.File)).FirstOrDefault(route => route.Block.Overlaps(block));
            if (route.Interface is null)
                return (block, claim, null);
            claim.Dispose();
            why ??= $"{route.Block} is behind {route.Interface}";
        }
        return (default, null, $"no addresses of {OciOptions.Section}:{nameof(OciOptions.Subnet)}={subnet} are free: {why}");
    }

    /// <summary>Lets the machine forward. True: it did not until now, so nothing but containers' traffic is to be.</summary>
    private static bool Forward()
    {
        if (File.ReadAllText(Forwarding).Trim() != "0")
            return false;
        try
        {
            File.WriteAllText(Forwarding, "1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"net.ipv4.ip_forward is 0 and cannot be set to 1: {e.Message}", e);
        }
        return true;
    }

    private static bool MayChangeNetwork()
    {
        const string Effective = "CapEff:";
        const ulong NetworkAdministration = 1 << 12;
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Effective, StringComparison.Ordinal)) ?? "";
        return ulong.TryParse(line.AsSpan(Math.Min(Effective.Length, line.Length)).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var capabilities)
            && (capabilities & NetworkAdministration) != 0;
    }

    private static partial class Log
    {
        [LoggerMessage(2540, LogLevel.Information, "Containers are on the bridge {Bridge}, their addresses are of {Block}")]
        public static partial void Built(ILogger logger, string bridge, Ipv4Block block);

        [LoggerMessage(2541, LogLevel.Information, "This machine forwards IPv4 now (net.ipv4.ip_forward=1), for containers alone: the policy of the chain FORWARD is DROP")]
        public static partial void ForwardingOn(ILogger logger);
    }
}
