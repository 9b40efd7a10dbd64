using Microsoft.Extensions.Configuration;

namespace Fn.ServiceDefaults.Configuration;

/// <summary>The path of a section that some options class is read from.</summary>
internal sealed record FnSectionPath(string Path);

/// <summary>A section of the configuration and the settings that may stand in it. Immutable.</summary>
internal sealed class FnSection<T>(string path) where T : class, new()
{
    private readonly IReadOnlyList<FnSetting> _settings = FnSetting.AllOf<T>(path);

    /// <summary>Sets what the section gives; returns one line for each value that is wrong.</summary>
    public List<string> Bind(IConfiguration configuration, T options) =>
        [.. _settings.Select(setting => setting.Bind(configuration, options)).OfType<string>()];

    /// <summary>One line for each key of the section that is no setting. Values are not told: a misspelt key may hold a secret.</summary>
    public List<string> UnknownKeys(IConfiguration configuration, IEnumerable<FnSectionPath> sections)
    {
        var lines = new List<string>();
        foreach (var child in configuration.GetSection(path).GetChildren())
        {
            if (_settings.Any(setting => setting.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) || IsSection(child, sections))
                continue;
            var key = ConfigurationPath.Combine(path, child.Key);
            lines.Add(NearestName.Find(child.Key, _settings.Select(setting => setting.Name)) is { } near
                ? $"{key} is not known: is it {ConfigurationPath.Combine(path, near)}?"
                : $"{key} is not known: known are {string.Join(", ", _settings.Select(setting => setting.Name))}");
        }
        return lines;
    }

    /// <summary>A section within this one has its own check. Within the root, also those that only another service reads: all may share one environment.</summary>
    private bool IsSection(IConfigurationSection child, IEnumerable<FnSectionPath> sections) => path.Contains(':', StringComparison.Ordinal)
        ? sections.Any(section => (section.Path + ":").StartsWith(child.Path + ":", StringComparison.OrdinalIgnoreCase))
        : child.GetChildren().Any();
}
