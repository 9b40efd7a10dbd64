using System.Globalization;

namespace Fn.ServiceDefaults.Configuration;

/// <summary>A number with a unit.</summary>
internal static class QuantityText
{
    /// <summary>Cuts the first unit that <paramref name="text"/> ends with; <paramref name="bare"/> is the factor of a number without one.</summary>
    public static (string Number, long Factor) SplitUnit(string text, ReadOnlySpan<(string Suffix, long Factor)> units, long bare)
    {
        foreach (var (suffix, factor) in units)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                return (text[..^suffix.Length].TrimEnd(), factor);
        }
        return (text, bare);
    }

    /// <summary>Multiplies exactly; false when <paramref name="number"/> is no plain number without sign, or the product is no whole number that fits.</summary>
    public static bool TryScale(string number, long factor, out long product)
    {
        product = 0;
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value > long.MaxValue / factor)
            return false;
        var scaled = value * factor;
        if (scaled != decimal.Truncate(scaled))
            return false;
        product = (long)scaled;
        return true;
    }
}
