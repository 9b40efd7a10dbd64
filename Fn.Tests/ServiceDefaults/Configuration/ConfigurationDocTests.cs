using System.Reflection;
using Fn.ServiceDefaults.Configuration;
using Fn.Tests.Examples;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Configuration;

/// <summary>Keeps the tables of docs/configuration.md true: every setting in the code has its row there, with its default and its range.</summary>
public class ConfigurationDocTests
{
    private static readonly string[] Assemblies = ["Fn.ServiceDefaults", "Fn.Runner", "Fn.Api"];

    [Fact]
    public void Settings_InCodeAndInDocs_AreTheSame()
    {
        var settings = Settings();

        Assert.NotEmpty(settings);
        Assert.Equal(settings.Select(setting => setting.Key).Distinct().Order(StringComparer.Ordinal), Rows().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rows_EverySetting_HasItsMeaningDefaultAndRange()
    {
        var rows = Rows();
        foreach (var setting in Settings().Where(setting => rows.ContainsKey(setting.Key)))
        {
            var row = rows[setting.Key];
            Assert.True(row.Length == 4, $"{setting.Key}: a row has key, meaning, default and range");
            Assert.All(row, cell => Assert.NotEqual("", cell));
            // Without a default the cell says in words what happens.
            if (setting.Default is { } value)
                Assert.True(row[2] == $"`{value}`", $"{setting.Key}: the default is `{value}`, not {row[2]}");
            else
                Assert.False(row[2].StartsWith('`'), $"{setting.Key} has no default, but docs say {row[2]}");
            if (setting.Range is { } range)
                Assert.True(row[3] == $"`{range.Minimum}` to `{range.Maximum}`", $"{setting.Key}: the range is `{range.Minimum}` to `{range.Maximum}`, not {row[3]}");
        }
    }

    private static List<FnSetting> Settings() =>
        [
            .. from assembly in Assemblies
               from type in Assembly.Load(assembly).GetTypes()
               let section = type.GetField("Section")?.GetRawConstantValue() as string
               where type.Name.EndsWith("Options", StringComparison.Ordinal) && section is not null
               from setting in FnSetting.AllOf(type, section)
               select setting,
        ];

    /// <summary>The rows whose first cell is a key of ours, cells trimmed.</summary>
    private static Dictionary<string, string[]> Rows() =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(ExampleProcess.Folders.Root)!, "docs", "configuration.md"))
            .Where(line => line.StartsWith("| `Fn:", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[0].Trim('`'));
}
