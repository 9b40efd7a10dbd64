using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Fn.ServiceDefaults.Configuration;

/// <summary>One setting: a writable property of an options class and the key it is read from. Immutable.</summary>
internal sealed class FnSetting
{
    private readonly PropertyInfo _property;
    private readonly SettingRule? _rule;
    private readonly object? _default;

    private FnSetting(string section, PropertyInfo property, object defaults)
    {
        Name = property.Name;
        Key = ConfigurationPath.Combine(section, Name);
        _property = property;
        _rule = IsList ? null : SettingRule.Of(property);
        _default = property.GetValue(defaults);
        // A class may be null, a value type only as T?; NullabilityInfo tells string from string?.
        CanBeOff = !IsList && new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
    }

    /// <summary>The property's name, as it is written after the section.</summary>
    public string Name { get; }

    /// <summary>The full key, for instance <c>Fn:Calls:QueueTimeout</c>.</summary>
    public string Key { get; }

    /// <summary>True for a list of texts: given as <c>Key:0</c>, <c>Key:1</c>, or as one value with commas.</summary>
    public bool IsList => _property.PropertyType == typeof(IList<string>) || _property.PropertyType == typeof(IReadOnlyList<string>);

    /// <summary>True when an empty value means that there is none.</summary>
    public bool CanBeOff { get; }

    /// <summary>The default as one would write it; null when there is none.</summary>
    public string? Default => _rule is not null && _default is not null ? _rule.Write(_default) : null;

    /// <summary>The bounds as one would write them; null where any value of the type will do.</summary>
    public (string Minimum, string Maximum)? Range => _rule?.Range;

    /// <summary>The settings of an options class, in the order it declares them.</summary>
    public static IReadOnlyList<FnSetting> AllOf(Type type, string section)
    {
        var defaults = Activator.CreateInstance(type)!;
        return [.. type.GetProperties().Where(property => property.SetMethod is { IsPublic: true }).Select(property => new FnSetting(section, property, defaults))];
    }

    /// <summary>Sets the property from its key if that is there. Returns what is wrong with the value; the property then keeps its default.</summary>
    public string? Bind(IConfiguration configuration, object options)
    {
        var given = configuration.GetSection(Key);
        if (!given.Exists())
            return null;
        if (IsList)
        {
            var items = ReadList(given);
            // Most often a variable that was to hold a secret and does not: left out without a word, nobody would be asked for that secret.
            if (items.IndexOf("") is >= 0 and var empty)
                return $"{Key}:{empty} is empty: give it a value or leave it out";
            _property.SetValue(options, items);
            return null;
        }
        if (given.GetChildren().Any())
            return $"{Key} has keys below it: allowed is {Allowed()}";
        var text = given.Value?.Trim() ?? "";
        if (text.Length == 0 && CanBeOff)
        {
            _property.SetValue(options, null);
            return null;
        }
        if (!_rule!.TryRead(text, out var value))
            return $"{Key} is '{text}': allowed is {Allowed()}";
        _property.SetValue(options, value);
        return null;
    }

    /// <summary>One value wins over the array form: it is what environment and command line give where a file has an array.</summary>
    private static List<string> ReadList(IConfigurationSection given) => string.IsNullOrWhiteSpace(given.Value)
        ? [.. given.GetChildren().Select(child => child.Value?.Trim() ?? "")]
        : [.. given.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private string Allowed() => $"{_rule!.Allowed}, for instance {Default ?? _rule.Example}{(CanBeOff ? "; empty for none" : "")}";
}
