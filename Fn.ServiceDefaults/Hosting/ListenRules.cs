using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Fn.ServiceDefaults.Hosting;

/// <summary>Which addresses a service listens on. Pure functions of what is configured.</summary>
internal static class ListenRules
{
    private const string Urls = "urls";
    private const string HttpPorts = "http_ports";
    private const string HttpsPorts = "https_ports";
    private const string Endpoints = "Kestrel:Endpoints";

    /// <summary>
    /// What to change in the configuration: nothing configured is the default port on loopback; whatever is configured stands, except that an address
    /// beyond loopback becomes loopback with the same scheme and port unless it <paramref name="mayLeaveLoopback"/>.
    /// </summary>
    /// <exception cref="FnStartException">Something configured is no address.</exception>
    public static ListenPlan Decide(IConfiguration configuration, int defaultPort, bool mayLeaveLoopback)
    {
        var changes = new Dictionary<string, string?>();
        var moved = new List<MovedAddress>();
        var endpoints = configuration.GetSection(Endpoints).GetChildren().ToList();
        foreach (var endpoint in endpoints)
        {
            var address = Parse(endpoint["Url"] ?? "", $"{endpoint.Path}:Url");
            if (!mayLeaveLoopback && !IsLoopback(address))
                changes[$"{endpoint.Path}:Url"] = Move(address, moved);
        }

        var configured = Configured(configuration);
        if (configured.Count == 0 && endpoints.Count == 0)
            changes[Urls] = Loopback("http", defaultPort);
        else if (!mayLeaveLoopback && configured.Any(address => !IsLoopback(address)))
        {
            changes[Urls] = string.Join(';', configured.Select(address => IsLoopback(address) ? address.ToString() : Move(address, moved)).Distinct());
            // The addresses now say what the ports said.
            changes[HttpPorts] = changes[HttpsPorts] = "";
        }
        return new ListenPlan(changes, moved);
    }

    /// <summary>Only this machine reaches it. Kestrel takes a host name it does not know for "any address".</summary>
    public static bool IsLoopback(BindingAddress address) =>
        address.IsUnixPipe
        || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    /// <summary>Addresses in the host's own order of precedence: <c>urls</c>, and only without them the ports.</summary>
    private static List<BindingAddress> Configured(IConfiguration configuration)
    {
        if (configuration[Urls] is { Length: > 0 } urls)
            return [.. Split(urls).Select(url => Parse(url, Urls))];
        return [.. Ports(configuration, HttpPorts, "http"), .. Ports(configuration, HttpsPorts, "https")];
    }

    private static IEnumerable<BindingAddress> Ports(IConfiguration configuration, string key, string scheme) =>
        Split(configuration[key] ?? "").Select(port => Parse($"{scheme}://*:{port}", key.ToUpperInvariant()));

    private static string[] Split(string list) => list.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Move(BindingAddress address, List<MovedAddress> moved)
    {
        var to = Loopback(address.Scheme, address.Port);
        moved.Add(new MovedAddress(address.ToString(), to));
        return to;
    }

    /// <summary>Both loopback addresses, except that Kestrel cannot bind both to one port that the system chooses.</summary>
    private static string Loopback(string scheme, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"{scheme}://{(port == 0 ? "127.0.0.1" : "localhost")}:{port}");

    private static BindingAddress Parse(string text, string key)
    {
        try
        {
            var address = BindingAddress.Parse(text);
            // A port that is no number ends up in the host.
            var isHost = address.IsUnixPipe || !address.Host.Contains(':', StringComparison.Ordinal) || address.Host.StartsWith('[');
            if (isHost && address.Scheme is "http" or "https" && address.PathBase.Length == 0)
                return address;
        }
        catch (FormatException)
        {
        }
        throw new FnStartException($"{key} has '{text}': allowed is http://HOST:PORT or https://HOST:PORT, for instance http://127.0.0.1:8080");
    }
}

/// <summary>What to set in the configuration, and which addresses that moves to loopback.</summary>
internal sealed record ListenPlan(IReadOnlyDictionary<string, string?> Changes, IReadOnlyList<MovedAddress> Moved);

/// <summary>An address that was configured and the one that is used instead.</summary>
internal readonly record struct MovedAddress(string Configured, string Used);
