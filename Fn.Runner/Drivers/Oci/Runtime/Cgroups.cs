using System.Globalization;

namespace Fn.Runner.Drivers.Oci.Runtime;

/// <summary>
/// Which of a container's limits the kernel enforces here, and where. In version 1 each kind of limit has a hierarchy of its own, in version 2 all are in one;
/// a machine may also have the first in use and the second mounted beside it.
/// </summary>
internal sealed record Cgroups
{
    public const string Memory = "memory";
    public const string Processes = "pids";

    private const string Root = "/sys/fs/cgroup";

    /// <summary>The parent of all containers' groups.</summary>
    private const string Parent = "fn";

    private static readonly string[] Needed = [Memory, Processes];

    /// <summary>Directories of the hierarchies that can be used, by the kind of limit.</summary>
    private readonly Dictionary<string, string> _usable = [];

    public bool IsUnified { get; private init; }

    /// <summary>The mount point of a version 2 hierarchy that stands beside version 1; null: none.</summary>
    public string? Beside { get; private init; }

    /// <summary>The kinds of limits that cannot be enforced, and why.</summary>
    public IReadOnlyDictionary<string, string> Missing { get; private init; } = new Dictionary<string, string>();

    /// <summary>Whether swap can be denied: it cannot where the kernel does not count it.</summary>
    public bool CountsSwap { get; private init; }

    public bool Limits(string kind) => _usable.ContainsKey(kind);

    /// <summary>A container's group, as the runtime is told of it.</summary>
    public static string PathOf(string containerId) => $"/{Parent}/{containerId}";

    /// <summary>How often the kernel killed something in a container's group because its memory was used up; 0 when that cannot be told.</summary>
    public long OutOfMemoryKills(string containerId)
    {
        if (!_usable.TryGetValue(Memory, out var root))
            return 0;
        try
        {
            var file = root + PathOf(containerId) + (IsUnified ? "/memory.events" : "/memory.oom_control");
            var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith("oom_kill ", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan("oom_kill ".Length), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Looks what there is.</summary>
    /// <param name="mounts">The content of <c>/proc/self/mountinfo</c>.</param>
    /// <param name="probe">Makes a directory if need be; null: it is there, and can be written; else why not.</param>
    /// <param name="read">Reads a file; null when it is not there.</param>
    public static Cgroups Find(string mounts, Func<string, string?> probe, Func<string, string?> read)
    {
        var found = new Dictionary<string, string>();
        string? unified = null;
        foreach (var line in mounts.Split('\n'))
        {
            // id parent device root TARGET options [more]* - TYPE source SUPER
            var halves = line.Split(" - ", 2);
            if (halves.Length != 2 || halves[0].Split(' ') is not [_, _, _, _, var target, ..] || halves[1].Split(' ') is not [var type, _, var super])
                continue;
            if (type == "cgroup2")
                unified = target;
            else if (type == "cgroup")
                foreach (var kind in Needed.Intersect(super.Split(',')))
                    found.TryAdd(kind, target);
        }
        var isUnified = unified == Root;
        if (isUnified)
        {
            var controllers = read($"{Root}/cgroup.controllers")?.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) ?? [];
            found = controllers.Intersect(Needed).ToDictionary(kind => kind, _ => Root);
        }
        var missing = new Dictionary<string, string>();
        foreach (var kind in Needed)
        {
            if (!found.TryGetValue(kind, out var root))
                missing[kind] = "the kernel has no cgroup controller for it here";
            else if (probe($"{root}/{Parent}") is { } why)
                missing[kind] = why;
        }
        var memory = found.GetValueOrDefault(Memory);
        var cgroups = new Cgroups
        {
            IsUnified = isUnified,
            Beside = isUnified ? null : unified,
            Missing = missing,
            CountsSwap = isUnified || read($"{memory}/memory.memsw.limit_in_bytes") is not null,
        };
        foreach (var (kind, root) in found.Where(entry => !missing.ContainsKey(entry.Key)))
            cgroups._usable[kind] = root;
        return cgroups;
    }

    /// <summary>Looks what this machine has.</summary>
    public static Cgroups Find() => Find(ReadFile("/proc/self/mountinfo") ?? "", Probe, ReadFile);

    private static string? Probe(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static string? ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
