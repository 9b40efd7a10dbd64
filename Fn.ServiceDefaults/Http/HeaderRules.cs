using System.Buffers;
using System.Collections.Frozen;

namespace Fn.ServiceDefaults.Http;

/// <summary>Which header lines may pass through the platform.</summary>
public static class HeaderRules
{
    private static readonly FrozenSet<string> HopByHop = new[]
    {
        "Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> ValueChars = SearchValues.Create([.. Enumerable.Range(0x20, 0xE0).Where(c => c != 0x7F).Append('\t').Select(c => (char)c)]);

    /// <summary>Whether a line belongs to one connection and is dropped, in requests and in answers. <c>Te</c> passes when it is exactly <c>trailers</c>.</summary>
    public static bool IsHopByHop(string name, string value) =>
        HopByHop.Contains(name) && !(name.Equals("Te", StringComparison.OrdinalIgnoreCase) && value == "trailers");

    /// <summary>Whether a name is a token, as every HTTP stack demands.</summary>
    public static bool IsName(ReadOnlySpan<char> name) => !name.IsEmpty && !name.ContainsAnyExcept(TokenChars);

    /// <summary>Whether a value can be written: Latin-1 without control characters other than tab.</summary>
    public static bool IsValue(ReadOnlySpan<char> value) => !value.ContainsAnyExcept(ValueChars);
}
