using System.Buffers;
using System.Text;

namespace Fn.Runner.Containers;

/// <summary>Makes text that can be shown of whatever bytes a function writes.</summary>
internal static class LogText
{
    private const char Replacement = '\uFFFD';

    /// <summary>A terminal takes them for commands. The tab is not among them.</summary>
    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(c => char.IsControl(c) && c != '\t')]);

    /// <summary>A line as text: without the carriage return at its end; what is no UTF-8, and control characters, are replaced.</summary>
    public static string Read(ReadOnlySpan<byte> line)
    {
        if (line is [.., (byte)'\r'])
            line = line[..^1];
        var text = Encoding.UTF8.GetString(line);
        return text.AsSpan().ContainsAny(Controls)
            ? string.Create(text.Length, text, static (span, text) =>
            {
                text.CopyTo(span);
                span.ReplaceAny(Controls, Replacement);
            })
            : text;
    }

    /// <summary>How many bytes of a part of a line can be read without its last character being cut in two; all, when it is not text.</summary>
    public static int WholeCharacters(ReadOnlySpan<byte> part)
    {
        for (var back = 1; back <= 3 && back < part.Length; back++)
        {
            var lead = part[^back];
            if ((lead & 0xC0) == 0x80)
                continue;
            var length = lead switch { >= 0xF8 => 1, >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, _ => 1 };
            return length > back ? part.Length - back : part.Length;
        }
        return part.Length;
    }
}
