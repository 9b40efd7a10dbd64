using System.Globalization;

namespace Fn.ServiceDefaults.Configuration;

/// <summary>Reads and writes sizes as settings give them: <c>1048576</c>, <c>64KiB</c>, <c>64MiB</c>, or the short <c>64k</c>, <c>64m</c>, <c>1g</c>. Powers of 1024 only.</summary>
internal static class BytesText
{
    private static readonly (string Suffix, long Bytes)[] Units =
    [
        ("PiB", 1L << 50), ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("P", 1L << 50), ("T", 1L << 40), ("G", 1L << 30), ("M", 1L << 20), ("K", 1L << 10),
        ("B", 1),
    ];

    public static bool TryParse(string text, out long value)
    {
        var (number, bytes) = QuantityText.SplitUnit(text, Units, 1);
        return QuantityText.TryScale(number, bytes, out value);
    }

    /// <summary>The largest unit that gives a whole number.</summary>
    public static string Format(long value)
    {
        if (value != 0)
        {
            foreach (var (suffix, bytes) in Units)
            {
                if (suffix.Length == 3 && value % bytes == 0)
                    return string.Create(CultureInfo.InvariantCulture, $"{value / bytes}{suffix}");
            }
        }
        return value.ToString(CultureInfo.InvariantCulture);
    }
}
