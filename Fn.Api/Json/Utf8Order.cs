namespace Fn.Api.Json;

/// <summary>Strings in the order of their UTF-8 bytes: the order of map keys in answers, and of names in the store.</summary>
internal sealed class Utf8Order : IComparer<string>
{
    public static Utf8Order Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
            return Comparer<string>.Default.Compare(x, y);
        var length = Math.Min(x.Length, y.Length);
        for (var i = 0; i < length; i++)
        {
            if (x[i] != y[i])
                return Rank(x[i]) - Rank(y[i]);
        }
        return x.Length - y.Length;
    }

    // UTF-16 and UTF-8 order differ in one thing: code points above U+FFFF, written with surrogates, come after U+E000..U+FFFF.
    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x1_0000 : c;
}
