using System.Net;
using System.Net.Sockets;
using Fn.Runner.Drivers.Oci.Network;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Oci;

internal sealed class OciOptionsValidator : IValidateOptions<OciOptions>
{
    /// <summary>The largest subnet, and the smallest: of that are five addresses for containers.</summary>
    private const int ShortestPrefix = 8;
    private const int LongestPrefix = 29;

    public ValidateOptionsResult Validate(string? name, OciOptions options)
    {
        List<string> errors =
        [
            .. !Ipv4Block.TryParse(options.Subnet, out var subnet) || subnet.Prefix is < ShortestPrefix or > LongestPrefix
                ? [$"{OciOptions.Section}:{nameof(OciOptions.Subnet)} is '{options.Subnet}': allowed is an IPv4 subnet from /{ShortestPrefix} to /{LongestPrefix} that begins with the address given, for instance 10.199.0.0/16"]
                : Array.Empty<string>(),
            .. options.NameServers.Where(server => !IsReachable(server)).Select(server =>
                $"{OciOptions.Section}:{nameof(OciOptions.NameServers)} has '{server}': allowed are IPv4 addresses that are not loopback, for instance 9.9.9.9"),
        ];
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static bool IsReachable(string server) =>
        IPAddress.TryParse(server, out var address) && address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address) && address.ToString() == server;
}
