using System.Globalization;
using System.Text.RegularExpressions;
using Fn.Runner.Drivers.Process;

namespace Fn.Runner.Drivers.Oci.Runtime;

/// <summary>An OCI runtime of this machine, and how it is called here.</summary>
/// <param name="Path">The program.</param>
/// <param name="Kind">The name it gives itself: <c>crun</c>, <c>runc</c>.</param>
/// <param name="Version">Its version, as it writes it.</param>
internal sealed partial record RuntimeProgram(string Path, string Kind, string Version)
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>From when on they know version 2 of cgroups and a seccomp profile's own errors.</summary>
    private static readonly Dictionary<string, Version> Oldest = new() { ["crun"] = new(1, 0), ["runc"] = new(1, 1) };

    /// <summary>Finds the first that can be used. The error says what is wrong with each that was looked at.</summary>
    /// <param name="setting">The value of <see cref="OciOptions.Runtime"/>.</param>
    /// <param name="children">Tells when a program has ended.</param>
    public static async Task<(RuntimeProgram? Program, string? Error)> FindAsync(string setting, ChildWatch children)
    {
        var errors = new List<string>();
        foreach (var name in (string[])(setting == OciOptions.Auto ? ["crun", "runc"] : [setting]))
        {
            var path = name.Contains('/', StringComparison.Ordinal) ? name : FindOnPath(name);
            if (path is null)
            {
                errors.Add($"{name} is not on PATH");
                continue;
            }
            var (code, output) = await Command.RunAsync([path, "--version"], children);
            if (Parse(path, code, output, out var error) is { } program)
                return (program, null);
            errors.Add(error!);
        }
        return (null, $"no OCI runtime can be used: {string.Join("; ", errors)} ({OciOptions.Section}:{nameof(OciOptions.Runtime)}={setting})");
    }

    /// <summary>Reads what a runtime says of its version; null, with the reason, when it cannot be used.</summary>
    public static RuntimeProgram? Parse(string path, int code, string output, out string? error)
    {
        error = null;
        if (code < 0)
            error = $"{path} cannot be run: {output}";
        else if (VersionLine().Match(output) is not { Success: true } match)
            error = $"{path} does not say which version of an OCI runtime it is";
        else if (Oldest.TryGetValue(match.Groups["kind"].Value, out var oldest) && System.Version.Parse(match.Groups["version"].Value) < oldest)
            error = $"{path} is {match.Value}: too old, {oldest} is needed";
        else
            return new RuntimeProgram(path, match.Groups["kind"].Value, match.Groups["whole"].Value);
        return null;
    }

    public static string? FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path ? path : DefaultPath).Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => System.IO.Path.Combine(directory, program))
            .FirstOrDefault(file => File.Exists(file) && Native.MayExecute(file));

    /// <summary>The words that make it do something with the containers whose state is in <paramref name="state"/>.</summary>
    public IReadOnlyList<string> Words(Cgroups cgroups, string state, params string[] arguments)
    {
        var words = new List<string> { Path, "--root", state };
        // Nothing can be limited, and the runtime would fail in trying.
        if (Kind == "crun" && !cgroups.Limits(Cgroups.Memory) && !cgroups.Limits(Cgroups.Processes))
            words.Add("--cgroup-manager=disabled");
        words.AddRange(arguments);
        return words;
    }

    /// <summary>
    /// A mount point that it must not see; null: none. crun takes a version 2 hierarchy that stands beside version 1 for the one in use, and refuses.
    /// </summary>
    public string? Unseen(Cgroups cgroups) => Kind == "crun" ? cgroups.Beside : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Version} ({Path})");

    [GeneratedRegex(@"^(?<kind>[a-z][a-z-]*) version (?<whole>(?<version>\d+\.\d+(\.\d+)?)\S*)", RegexOptions.ExplicitCapture)]
    private static partial Regex VersionLine();
}
