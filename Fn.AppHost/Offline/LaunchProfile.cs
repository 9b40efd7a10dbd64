using System.Text.Json;

namespace Fn.AppHost.Offline;

/// <summary>The environment that a project's launch profile asks for: its first one of the kind <c>Project</c>, as <c>dotnet run</c> takes it.</summary>
internal sealed record LaunchProfile(string Name, IReadOnlyDictionary<string, string> Environment)
{
    private static readonly JsonDocumentOptions Relaxed = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Null when the project has none.</summary>
    /// <exception cref="AppHostException">The file cannot be read.</exception>
    public static LaunchProfile? Read(string projectDirectory)
    {
        var path = Path.Combine(projectDirectory, "Properties", "launchSettings.json");
        if (!File.Exists(path))
            return null;
        try
        {
            using var settings = JsonDocument.Parse(File.ReadAllBytes(path), Relaxed);
            foreach (var profile in settings.RootElement.GetProperty("profiles").EnumerateObject())
            {
                if (profile.Value.TryGetProperty("commandName", out var command) && command.GetString() == "Project")
                    return new LaunchProfile(profile.Name, Variables(profile.Value));
            }
            return null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            throw new AppHostException($"{path}: {e.Message}", e);
        }
    }

    private static Dictionary<string, string> Variables(JsonElement profile) => profile.TryGetProperty("environmentVariables", out var variables)
        ? variables.EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetString() ?? "")
        : [];
}
