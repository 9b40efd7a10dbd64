using Microsoft.Extensions.Configuration;

namespace Fn.ServiceDefaults.Configuration;

/// <summary>A section and the names in it that one options class reads. Several classes may read the same section.</summary>
internal sealed record KnownSection(string Path, IReadOnlyList<string> Names);

/// <summary>A section of the configuration and the settings that an options class reads there. Immutable.</summary>
internal sealed class FnSection<T>(string path) where T : class, new()
{
    private readonly IReadOnlyList<FnSetting> _settings = FnSetting.AllOf(typeof(T), path);

    /// <summary>What this class knows of the section.</summary>
    public KnownSection Known => new(path, [.. _settings.Select(setting => setting.Name)]);

    /// <summary>The section that holds those of other services as well, which may be given the same environment.</summary>
    private bool IsRoot => !path.Contains(':', StringComparison.Ordinal);

    /// <summary>Sets what the section gives; returns one line for each value that is wrong.</summary>
    public List<string> Bind(IConfiguration configuration, T options) =>
        [.. _settings.Select(setting => setting.Bind(configuration, options)).OfType<string>()];

    /// <summary>One line for each key of the section that nobody reads. Values are not told: a misspelt key may hold a secret.</summary>
    public List<string> UnknownKeys(IConfiguration configuration, IEnumerable<KnownSection> sections)
    {
        var names = sections.Where(section => section.Path.Equals(path, StringComparison.OrdinalIgnoreCase)).SelectMany(section => section.Names)
            .Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var lines = new List<string>();
        foreach (var child in configuration.GetSection(path).GetChildren())
        {
            if (names.Contains(child.Key, StringComparer.OrdinalIgnoreCase) || IsSection(child, sections))
                continue;
            var key = ConfigurationPath.Combine(path, child.Key);
            if (NearestName.Find(child.Key, names) is { } near)
                lines.Add($"{key} is not known: is it {ConfigurationPath.Combine(path, near)}?");
            else if (!IsRoot)
                lines.Add($"{key} is not known: known are {string.Join(", ", names)}");
        }
        return lines;
    }

    /// <summary>A section within this one has its own check; one of another service is not checked here.</summary>
    private bool IsSection(IConfigurationSection child, IEnumerable<KnownSection> sections) => IsRoot
        ? child.GetChildren().Any()
        : sections.Any(section => (section.Path + ":").StartsWith(child.Path + ":", StringComparison.OrdinalIgnoreCase));
}
