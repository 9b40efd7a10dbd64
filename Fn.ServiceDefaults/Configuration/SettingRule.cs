using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;

namespace Fn.ServiceDefaults.Configuration;

/// <summary>What a setting's one value may be: how it is read, written, and described to whoever got it wrong.</summary>
internal abstract class SettingRule
{
    /// <summary>What is allowed, as it continues the words "allowed is".</summary>
    public abstract string Allowed { get; }

    /// <summary>The range as two texts; null where any value of the type will do.</summary>
    public virtual (string Minimum, string Maximum)? Range => null;

    /// <summary>A value to show when the setting has no default.</summary>
    public abstract string Example { get; }

    public abstract bool TryRead(string text, [NotNullWhen(true)] out object? value);

    public virtual string Write(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    /// <summary>The rule of a property, from its type and its attribute. An options class that has none of the supported forms is a bug and throws.</summary>
    public static SettingRule Of(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type == typeof(TimeSpan) && property.GetCustomAttribute<DurationAttribute>() is { } duration)
            return new DurationRule(duration);
        if (type == typeof(long) && property.GetCustomAttribute<BytesAttribute>() is { } bytes)
            return new BytesRule(bytes);
        if ((type == typeof(int) || type == typeof(double)) && property.GetCustomAttribute<RangeAttribute>() is { } range)
            return new NumberRule(type, range);
        if (type == typeof(bool))
            return new SwitchRule();
        if (type == typeof(string))
            return new TextRule();
        if (type.IsEnum)
            return new ChoiceRule(type);
        throw new InvalidOperationException(
            $"{property.DeclaringType}.{property.Name} is no setting: use TimeSpan with [Duration], long with [Bytes], int or double with [Range], bool, string, an enum, or IList<string>.");
    }

    private sealed class DurationRule(DurationAttribute range) : SettingRule
    {
        private readonly TimeSpan _minimum = Bound(range.Minimum);
        private readonly TimeSpan _maximum = Bound(range.Maximum);

        public override string Allowed => $"a duration from {range.Minimum} to {range.Maximum}";

        public override (string Minimum, string Maximum)? Range => (range.Minimum, range.Maximum);

        public override string Example => range.Minimum;

        public override bool TryRead(string text, [NotNullWhen(true)] out object? value)
        {
            value = DurationText.TryParse(text, out var span) && span >= _minimum && span <= _maximum ? span : null;
            return value is not null;
        }

        public override string Write(object value) => DurationText.Format((TimeSpan)value);

        private static TimeSpan Bound(string text) =>
            DurationText.TryParse(text, out var span) ? span : throw new InvalidOperationException($"[Duration] has '{text}'.");
    }

    private sealed class BytesRule(BytesAttribute range) : SettingRule
    {
        private readonly long _minimum = Bound(range.Minimum);
        private readonly long _maximum = Bound(range.Maximum);

        public override string Allowed => $"a size from {range.Minimum} to {range.Maximum}";

        public override (string Minimum, string Maximum)? Range => (range.Minimum, range.Maximum);

        public override string Example => range.Minimum;

        public override bool TryRead(string text, [NotNullWhen(true)] out object? value)
        {
            value = BytesText.TryParse(text, out var size) && size >= _minimum && size <= _maximum ? size : null;
            return value is not null;
        }

        public override string Write(object value) => BytesText.Format((long)value);

        private static long Bound(string text) => BytesText.TryParse(text, out var size) ? size : throw new InvalidOperationException($"[Bytes] has '{text}'.");
    }

    private sealed class NumberRule(Type type, RangeAttribute range) : SettingRule
    {
        private readonly double _minimum = Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
        private readonly double _maximum = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);

        public override string Allowed => $"a {(type == typeof(int) ? "whole " : "")}number from {Write(range.Minimum)} to {Write(range.Maximum)}";

        public override (string Minimum, string Maximum)? Range => (Write(range.Minimum), Write(range.Maximum));

        public override string Example => Write(range.Minimum);

        public override bool TryRead(string text, [NotNullWhen(true)] out object? value)
        {
            value = null;
            if (type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
                value = whole >= _minimum && whole <= _maximum ? whole : null;
            else if (type == typeof(double)
                && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                value = number >= _minimum && number <= _maximum ? number : null;
            return value is not null;
        }
    }

    private sealed class SwitchRule : SettingRule
    {
        public override string Allowed => "true or false";

        public override string Example => "true";

        public override bool TryRead(string text, [NotNullWhen(true)] out object? value)
        {
            value = bool.TryParse(text, out var on) ? on : null;
            return value is not null;
        }

        public override string Write(object value) => (bool)value ? "true" : "false";
    }

    private sealed class ChoiceRule(Type type) : SettingRule
    {
        private readonly string[] _names = Enum.GetNames(type);

        public override string Allowed => $"one of {string.Join(", ", _names.Select(name => name.ToLowerInvariant()))}";

        public override string Example => _names[0].ToLowerInvariant();

        public override bool TryRead(string text, [NotNullWhen(true)] out object? value)
        {
            // By name only: Enum.Parse takes numbers as well.
            value = Array.Find(_names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name ? Enum.Parse(type, name) : null;
            return value is not null;
        }

        public override string Write(object value) => value.ToString()!.ToLowerInvariant();
    }

    private sealed class TextRule : SettingRule
    {
        public override string Allowed => "a text";

        public override string Example => "text";

        public override bool TryRead(string text, [NotNullWhen(true)] out object? value)
        {
            value = text.Length > 0 ? text : null;
            return value is not null;
        }
    }
}
