using System.Buffers;

namespace Fn.ServiceDefaults.Http;

/// <summary>What may stand in a header line that the platform passes on.</summary>
public static class HeaderRules
{
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> ValueChars = SearchValues.Create([.. Enumerable.Range(0x20, 0xE0).Where(c => c != 0x7F).Append('\t').Select(c => (char)c)]);

    /// <summary>Whether a name is a token, as every HTTP stack demands.</summary>
    public static bool IsName(ReadOnlySpan<char> name) => !name.IsEmpty && !name.ContainsAnyExcept(TokenChars);

    /// <summary>Whether a value can be written: Latin-1 without control characters other than tab.</summary>
    public static bool IsValue(ReadOnlySpan<char> value) => !value.ContainsAnyExcept(ValueChars);
}
