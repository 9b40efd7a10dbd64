using System.Globalization;
using System.Text.Json;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Oci;

/// <summary>What of a container is on the disk: <c>oci/runners/RUNNER/CONTAINER</c> in the data directory. By this, containers of a runner that is gone are found.</summary>
internal sealed partial class ContainerPlace(string directory)
{
    private const string StatePrefix = "state-";
    private const string Upper = "upper";
    private const string Work = "work";
    private const string Root = "root";

    public string Directory { get; } = directory;

    public string PidFile => Path.Combine(Directory, "pid");

    public string ErrorFile => Path.Combine(Directory, "error");

    public string ConfigFile => Path.Combine(Directory, "config.json");

    /// <summary>Where a runtime of this kind keeps what it knows of the container.</summary>
    public string StateOf(string kind) => Path.Combine(Directory, StatePrefix + kind);

    /// <summary>The kind of runtime that made it; null: none did yet.</summary>
    public string? FindKind() => !System.IO.Directory.Exists(Directory)
        ? null
        : System.IO.Directory.EnumerateDirectories(Directory, StatePrefix + "*").Select(path => Path.GetFileName(path)[StatePrefix.Length..]).FirstOrDefault();

    /// <summary>Makes a root of its own for a container that may change its files: the image's stay as they are.</summary>
    public string MakeWritableRoot(IReadOnlyList<string> layers)
    {
        foreach (var name in (string[])[Upper, Work, Root])
            System.IO.Directory.CreateDirectory(Path.Combine(Directory, name));
        Mounts.WritableOverlay(layers, Path.Combine(Directory, Upper), Path.Combine(Directory, Work), Path.Combine(Directory, Root));
        return Path.Combine(Directory, Root);
    }

    /// <summary>The number of the container's first process; null: the runtime wrote none down.</summary>
    public int? ReadPid() =>
        File.Exists(PidFile) && int.TryParse(File.ReadAllText(PidFile), CultureInfo.InvariantCulture, out var pid) && pid > 0 ? pid : null;

    /// <summary>The last error that the runtime wrote down; null: none.</summary>
    public string? ReadError()
    {
        if (!File.Exists(ErrorFile))
            return null;
        string? last = null;
        foreach (var line in File.ReadLines(ErrorFile))
            last = MessageOf(line) ?? last;
        return last;
    }

    /// <summary>Removes it. What cannot be removed now is at the runner's next start.</summary>
    public void Remove(ILogger logger)
    {
        try
        {
            Mounts.RemoveAll(Path.Combine(Directory, Root));
            System.IO.Directory.Delete(Directory, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Removed by someone else: what is wanted.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotRemoved(logger, e, Directory);
        }
    }

    private static string? MessageOf(string line)
    {
        try
        {
            using var entry = JsonDocument.Parse(line);
            return entry.RootElement.TryGetProperty("level", out var level) && level.GetString() is not ("error" or "fatal")
                ? null
                : entry.RootElement.TryGetProperty("msg", out var message) ? message.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return line.Length > 0 ? line : null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2533, LogLevel.Warning, "The directory {Directory} of a container could not be removed")]
        public static partial void NotRemoved(ILogger logger, Exception exception, string directory);
    }
}
