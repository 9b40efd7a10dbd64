using System.Collections.Frozen;

namespace Fn.ServiceDefaults.Http;

/// <summary>The headers that belong to one connection and are passed on in neither direction.</summary>
public static class HopHeaders
{
    private const string Te = "Te";

    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
        ["Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", Te, "Trailer", "Transfer-Encoding", "Upgrade"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a header stays behind. <c>Te</c> is passed on if it is exactly <c>trailers</c>.</summary>
    public static bool Contains(string name, string value) =>
        Names.Contains(name) && !(value == "trailers" && name.Equals(Te, StringComparison.OrdinalIgnoreCase));
}
