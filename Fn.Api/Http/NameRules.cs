using System.Text;

namespace Fn.Api.Http;

/// <summary>What names may look like.</summary>
internal static class NameRules
{
    public const int MaxBytes = 255;

    public static bool IsTooLong(string name) => Encoding.UTF8.GetByteCount(name) > MaxBytes;

    /// <summary>Letters and numbers of any script, <c>_</c> and <c>-</c>.</summary>
    public static bool IsWord(string name)
    {
        foreach (var rune in name.EnumerateRunes())
        {
            if (!Rune.IsLetter(rune) && !Rune.IsNumber(rune) && rune.Value is not ('_' or '-'))
                return false;
        }
        return true;
    }

    /// <summary>Whether a name is written in a URL's path as it is, by Go's rule: unreserved characters and <c>$ &amp; + : = @</c>.</summary>
    public static bool IsPathSegment(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '~' or '$' or '&' or '+' or ':' or '=' or '@'))
                return false;
        }
        return true;
    }
}
