using System.Text;

namespace Fn.Runner.Drivers.Process;

/// <summary>An image of the form <c>process:PATH [ARGS]</c>: words separated by blanks, double quotes around what holds blanks itself.</summary>
internal sealed record ProcessImage(string Path, IReadOnlyList<string> Arguments)
{
    public const string Prefix = "process:";

    public static bool Matches(string image) => image.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Null when there is no path or a quote is not closed.</summary>
    public static ProcessImage? Parse(string image)
    {
        var words = Split(image.AsSpan(Prefix.Length));
        return words is [{ Length: > 0 } path, .. var arguments] ? new ProcessImage(path, arguments) : null;
    }

    private static List<string>? Split(ReadOnlySpan<char> text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (inWord, quoted) = (false, false);
        foreach (var c in text)
        {
            if (c == '"')
            {
                quoted = !quoted;
                inWord = true;
            }
            else if (c is ' ' or '\t' && !quoted)
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }
        if (inWord)
            words.Add(word.ToString());
        return quoted ? null : words;
    }
}
