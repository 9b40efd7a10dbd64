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
    public const string Processor = "cpu";

    private const string Root = "/sys/fs/cgroup";

    /// <summary>The parent of all containers' groups.</summary>
    private const string Parent = "fn";

    private static readonly string[] Needed = [Memory, Processes];

    /// <summary>Where these are not there, functions run all the same.</summary>
    private static readonly string[] Useful = [Processor];

    /// <summary>Directories of the hierarchies that can be used, by the kind of limit.</summary>
    private readonly Dictionary<string, string> _usable = [];

    /// <summary>Directories of all hierarchies: a runtime makes a container's group in each.</summary>
    private IReadOnlyList<string> _hierarchies = [];

    public bool IsUnified { get; private init; }

    /// <summary>The mount point of a version 2 hierarchy that stands beside version 1; null: none.</summary>
    public string? Beside { get; private init; }

    /// <summary>The kinds of limits that cannot be enforced, and why.</summary>
    public IReadOnlyDictionary<string, string> Missing { get; private init; } = new Dictionary<string, string>();

    /// <summary>Whether swap can be denied: it cannot where the kernel does not count it.</summary>
    public bool CountsSwap { get; private init; }

    public bool Limits(string kind) => _usable.ContainsKey(kind);

    /// <summary>Whether what is in a container can be found by its group.</summary>
    public bool HoldContainers => _usable.Count > 0;

    /// <summary>A container's group, as the runtime is told of it: below its runner's, by which it is found when nothing else knows of it any more.</summary>
    public static string PathOf(string runnerId, string containerId) => $"/{Parent}/{runnerId}/{containerId}";

    /// <summary>The same, to look at it and to take it away.</summary>
    public ContainerGroup GroupOf(string runnerId, string containerId) => new(_hierarchies, PathOf(runnerId, containerId));

    /// <summary>The ids of the containers of a runner that have a group.</summary>
    public IEnumerable<string> ContainersOf(string runnerId) => RunnerGroups(runnerId).SelectMany(Directory.EnumerateDirectories).Select(path => Path.GetFileName(path)).Distinct();

    /// <summary>Takes away the group of a runner that has no containers.</summary>
    public void RemoveRunner(string runnerId)
    {
        foreach (var group in RunnerGroups(runnerId))
            ContainerGroup.TryRemove(group);
    }

    /// <summary>How often the kernel killed something in a container's group because its memory was used up; 0 when that cannot be told.</summary>
    public long OutOfMemoryKills(string runnerId, string containerId)
    {
        if (!_usable.TryGetValue(Memory, out var root))
            return 0;
        try
        {
            var file = root + PathOf(runnerId, containerId) + (IsUnified ? "/memory.events" : "/memory.oom_control");
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
        var hierarchies = new List<string>();
        foreach (var line in mounts.Split('\n'))
        {
            // id parent device root TARGET options [more]* - TYPE source SUPER
            var halves = line.Split(" - ", 2);
            if (halves.Length != 2 || halves[0].Split(' ') is not [_, _, _, _, var target, ..] || halves[1].Split(' ') is not [var type, _, var super])
                continue;
            if (type is "cgroup" or "cgroup2")
                hierarchies.Add(target);
            if (type == "cgroup2")
                unified = target;
            else if (type == "cgroup")
                foreach (var kind in Needed.Concat(Useful).Intersect(super.Split(',')))
                    found.TryAdd(kind, target);
        }
        var isUnified = unified == Root;
        if (isUnified)
        {
            var controllers = read($"{Root}/cgroup.controllers")?.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) ?? [];
            found = controllers.Intersect(Needed.Concat(Useful)).ToDictionary(kind => kind, _ => Root);
        }
        var missing = new Dictionary<string, string>();
        foreach (var kind in Needed.Concat(Useful.Intersect(found.Keys)))
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
            Missing = missing.Where(entry => Needed.Contains(entry.Key)).ToDictionary(),
            _hierarchies = hierarchies,
            CountsSwap = isUnified || read($"{memory}/memory.memsw.limit_in_bytes") is not null,
        };
        foreach (var (kind, root) in found.Where(entry => !missing.ContainsKey(entry.Key)))
            cgroups._usable[kind] = root;
        return cgroups;
    }

    /// <summary>Looks what this machine has.</summary>
    public static Cgroups Find() => Find(ReadFile("/proc/self/mountinfo") ?? "", Probe, ReadFile);

    private IEnumerable<string> RunnerGroups(string runnerId) => _hierarchies.Select(root => $"{root}/{Parent}/{runnerId}").Where(Directory.Exists);

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
