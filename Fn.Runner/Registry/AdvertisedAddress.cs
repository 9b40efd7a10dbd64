using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Fn.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Registry;

/// <summary>Where gateways are told to reach this runner. To be asked once the server listens.</summary>
internal sealed class AdvertisedAddress(IServer server, IOptions<RunnerOptions> options) : IRunnerAddress
{
    public string Get() => options.Value.AdvertiseAddress
        ?? Choose(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [], FirstOfMachine);

    /// <summary>The first http address that names a host; of one that stands for all of the machine's, its port at the machine's first address.</summary>
    /// <param name="bound">What the server listens on.</param>
    /// <param name="ofMachine">The machine's first address that others may reach; null: it has none.</param>
    /// <exception cref="FnStartException">There is none.</exception>
    internal static string Choose(IEnumerable<string> bound, Func<string?> ofMachine)
    {
        var addresses = bound.Select(BindingAddress.Parse).Where(address => !address.IsUnixPipe && address.Scheme == "http").ToList();
        if (addresses.Find(NamesHost) is { } named)
            return $"http://{named.Host}:{named.Port}";
        if (addresses.Count > 0 && ofMachine() is { } host)
            return $"http://{host}:{addresses[0].Port}";
        throw new FnStartException($"Gateways cannot reach this runner: it listens on {string.Join(", ", bound)}. Set {RunnerOptions.Section}:{nameof(RunnerOptions.AdvertiseAddress)}.");
    }

    private static bool NamesHost(BindingAddress address) =>
        address.Host is not ("*" or "+") && !(IPAddress.TryParse(address.Host, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));

    private static string? FirstOfMachine()
    {
        var addresses = NetworkInterface.GetAllNetworkInterfaces()
            .Where(net => net.OperationalStatus == OperationalStatus.Up && net.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            // An engine's bridge is up too, and leads nowhere from outside.
            .OrderBy(net => net.GetIPProperties().GatewayAddresses.Count == 0)
            .SelectMany(net => net.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(address => !address.IsIPv6LinkLocal)
            .ToList();
        return addresses.Find(address => address.AddressFamily == AddressFamily.InterNetwork)?.ToString()
            ?? (addresses.Find(address => address.AddressFamily == AddressFamily.InterNetworkV6) is { } v6 ? $"[{v6}]" : null);
    }
}
