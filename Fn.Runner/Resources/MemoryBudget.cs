using System.Globalization;

namespace Fn.Runner.Resources;

/// <summary>
/// How much memory containers may use together: the setting, else the least of the machine's memory and the limits of the cgroups (v1 or v2) that the
/// process is in, less a reserve, divided by the runners on this machine.
/// </summary>
internal static class MemoryBudget
{
    private const long MiB = 1024 * 1024;
    private const string UnifiedRoot = "/sys/fs/cgroup";
    private const string MemoryRoot = "/sys/fs/cgroup/memory";

    /// <summary>The budget and where it comes from (for the log).</summary>
    /// <param name="options">The settings.</param>
    /// <param name="read">Reads a file of /proc or /sys; null when it is not there.</param>
    public static (long Bytes, string Source) Find(RunnerOptions options, Func<string, string?> read)
    {
        if (options.Memory is { } given)
            return (given, "Fn:Runner:Memory");
        var (found, source) = FindLimit(read);
        var reserve = options.MemoryReserve ?? Math.Clamp(found / 10, 256 * MiB, 5 * 1024 * MiB);
        return (Math.Max(0, found - reserve) / options.Instances, source);
    }

    /// <summary>Reads a file as <see cref="Find"/> wants it.</summary>
    public static string? ReadFile(string path)
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

    private static (long Bytes, string Source) FindLimit(Func<string, string?> read)
    {
        var (least, source) = (MachineMemory(read), "machine memory");
        foreach (var line in Lines(read("/proc/self/cgroup")))
        {
            // hierarchy:controllers:path; the unified hierarchy (v2) has no controllers.
            var parts = line.Split(':', 3);
            if (parts.Length != 3)
                continue;
            var (limit, version) = parts[1].Length == 0
                ? (LeastUpwards(read, UnifiedRoot, parts[2], "memory.max"), "cgroup v2")
                : parts[1].Split(',').Contains("memory") ? (LeastUpwards(read, MemoryRoot, parts[2], "memory.limit_in_bytes"), "cgroup v1") : (null, "");
            if (limit < least)
                (least, source) = (limit.Value, version);
        }
        return (least, source);
    }

    /// <summary>A limit of any ancestor binds too. In a container the own path may not be visible, then the root of the mount is the container's own.</summary>
    private static long? LeastUpwards(Func<string, string?> read, string root, string path, string file)
    {
        long? least = null;
        for (var at = path.TrimEnd('/'); ; at = at[..Math.Max(0, at.LastIndexOf('/'))])
        {
            if (long.TryParse(read($"{root}{at}/{file}")?.Trim(), CultureInfo.InvariantCulture, out var limit) && !(limit >= least))
                least = limit;
            if (at.Length == 0)
                return least;
        }
    }

    private static long MachineMemory(Func<string, string?> read)
    {
        foreach (var line in Lines(read("/proc/meminfo")))
        {
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal)
                && long.TryParse(line["MemTotal:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture, out var kib))
                return kib * 1024;
        }
        return GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    }

    private static string[] Lines(string? text) => text?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
