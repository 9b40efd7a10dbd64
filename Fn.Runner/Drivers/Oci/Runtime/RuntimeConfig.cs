using System.Text.Encodings.Web;
using System.Text.Json;
using Fn.Runner.Containers;
using Fn.Runner.Drivers.Oci.Images;
using Fn.Runner.Drivers.Oci.Network;

namespace Fn.Runner.Drivers.Oci.Runtime;

/// <summary>
/// Writes down for the runtime how a function's container is to be: what it runs, its limits, and all that it may not do. What is the same for all containers
/// of an image is read once, when the image is there.
/// </summary>
/// <param name="image">The image.</param>
/// <param name="user">Who runs it.</param>
/// <param name="options">The limits that all containers have.</param>
/// <param name="cgroups">Which limits are enforced here.</param>
/// <param name="init">The program that is the first process; null: the function itself is.</param>
internal sealed class RuntimeConfig(ImageConfig image, ContainerUser user, ContainerOptions options, Cgroups cgroups, string? init)
{
    public const string FileName = "config.json";

    /// <summary>Where a container sees the program that is its first process. In a file system of its own, for the image's cannot be written.</summary>
    private const string InitInside = "/dev/fn-init";

    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const long MaxLockedMemory = 65_536;
    private const long MaxPendingSignals = 5_000;
    private const long MaxQueuedMessages = 819_200;
    private const string SharedMemorySize = "64m";

    private static readonly string[] Namespaces = ["pid", "ipc", "uts", "mount", "cgroup"];

    // What engines hide of /proc and /sys: the machine's hardware, keys, timers and memory; and what can be seen, but not set.
    private static readonly string[] Hidden =
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
    ];

    private static readonly string[] Unchangeable = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    // What it writes is for a runtime, and in no page.
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly byte[] Seccomp = Section(SystemCalls.Write);

    /// <summary>Writes the file of one container.</summary>
    /// <param name="path">The file.</param>
    /// <param name="spec">What is the container's own.</param>
    /// <param name="root">Where its files are.</param>
    /// <param name="network">Its network; null: loopback alone.</param>
    /// <param name="mounts">Files of this machine that it sees, by where it does.</param>
    public void Write(string path, ContainerSpec spec, string root, ContainerNetwork? network = null, params IEnumerable<(string Target, string Source)> mounts)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        using var json = new Utf8JsonWriter(file, Relaxed);
        json.WriteStartObject();
        json.WriteString("ociVersion", "1.0.2");
        json.WriteString("hostname", Environment.MachineName);
        json.WriteStartObject("root");
        json.WriteString("path", root);
        json.WriteBoolean("readonly", options.ReadOnlyRoot);
        json.WriteEndObject();
        WriteProcess(json, spec);
        WriteMounts(json, spec, mounts);
        WriteLinux(json, spec, network);
        json.WriteEndObject();
    }

    private void WriteProcess(Utf8JsonWriter json, ContainerSpec spec)
    {
        json.WriteStartObject("process");
        json.WriteStartObject("user");
        json.WriteNumber("uid", user.Uid);
        json.WriteNumber("gid", user.Gid);
        json.WriteEndObject();
        WriteStrings(json, "args", init is null ? image.Command : [InitInside, "--", .. image.Command]);
        WriteStrings(json, "env", EnvironmentOf(spec));
        json.WriteString("cwd", image.WorkingDirectory);
        json.WriteBoolean("noNewPrivileges", true);
        json.WriteStartObject("capabilities");
        foreach (var set in (string[])["bounding", "effective", "inheritable", "permitted", "ambient"])
            WriteStrings(json, set, []);
        json.WriteEndObject();
        json.WriteStartArray("rlimits");
        WriteLimit(json, "RLIMIT_NOFILE", options.MaxOpenFiles);
        WriteLimit(json, "RLIMIT_MEMLOCK", MaxLockedMemory);
        WriteLimit(json, "RLIMIT_SIGPENDING", MaxPendingSignals);
        WriteLimit(json, "RLIMIT_MSGQUEUE", MaxQueuedMessages);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The image's variables, then the function's, which win.</summary>
    private IEnumerable<string> EnvironmentOf(ContainerSpec spec)
    {
        foreach (var entry in (IEnumerable<string>)[DefaultPath, $"HOSTNAME={Environment.MachineName}", .. image.Environment])
        {
            var name = entry.Split('=', 2)[0];
            if (!spec.Environment.ContainsKey(name) && !(entry == DefaultPath && image.Environment.Any(given => given.StartsWith("PATH=", StringComparison.Ordinal))))
                yield return entry;
        }
        foreach (var (name, value) in spec.Environment)
            yield return $"{name}={value}";
    }

    private void WriteMounts(Utf8JsonWriter json, ContainerSpec spec, IEnumerable<(string Target, string Source)> mounts)
    {
        json.WriteStartArray("mounts");
        WriteMount(json, "/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        WriteMount(json, "/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        WriteMount(json, "/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5");
        WriteMount(json, "/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", $"size={SharedMemorySize}");
        WriteMount(json, "/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
        WriteMount(json, "/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
        if (cgroups.Limits(Cgroups.Memory))
            // Where libraries look how much memory there is for them.
            WriteMount(json, "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro");
        // Counts as the function's memory, so it cannot be larger than that.
        WriteMount(json, "/tmp", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=1777", $"size={spec.Function.MemoryBytes}");
        if (spec.SocketDirectory is { } sockets)
            WriteMount(json, ContainerSpec.SocketMount, "bind", sockets, "bind", "nosuid", "nodev", "rw");
        if (init is not null)
            WriteMount(json, InitInside, "bind", init, "bind", "nosuid", "nodev", "ro");
        foreach (var (target, source) in mounts)
            WriteMount(json, target, "bind", source, "bind", "nosuid", "nodev", "noexec", "ro");
        json.WriteEndArray();
    }

    private void WriteLinux(Utf8JsonWriter json, ContainerSpec spec, ContainerNetwork? network)
    {
        json.WriteStartObject("linux");
        json.WriteString("cgroupsPath", Cgroups.PathOf(spec.RunnerId, spec.Id));
        json.WriteStartObject("resources");
        json.WriteStartArray("devices");
        json.WriteStartObject();
        json.WriteBoolean("allow", false);
        json.WriteString("access", "rwm");
        json.WriteEndObject();
        json.WriteEndArray();
        if (cgroups.Limits(Cgroups.Memory))
        {
            json.WriteStartObject("memory");
            json.WriteNumber("limit", spec.Function.MemoryBytes);
            // As much as the memory: no swap.
            if (cgroups.CountsSwap)
                json.WriteNumber("swap", spec.Function.MemoryBytes);
            json.WriteEndObject();
        }
        if (cgroups.Limits(Cgroups.Processes))
        {
            json.WriteStartObject("pids");
            json.WriteNumber("limit", options.MaxProcesses);
            json.WriteEndObject();
        }
        if (cgroups.Limits(Cgroups.Processor))
        {
            json.WriteStartObject("cpu");
            json.WriteNumber("shares", CpuLimits.SharesOf(spec.Function.MemoryBytes));
            if (options.Cpus is { } cpus)
            {
                json.WriteNumber("quota", CpuLimits.QuotaOf(cpus));
                json.WriteNumber("period", CpuLimits.Period);
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WritePropertyName("seccomp");
        json.WriteRawValue(Seccomp, skipInputValidation: true);
        json.WriteStartArray("namespaces");
        foreach (var name in Namespaces)
        {
            json.WriteStartObject();
            json.WriteString("type", name);
            json.WriteEndObject();
        }
        json.WriteStartObject();
        json.WriteString("type", "network");
        if (network is not null)
            json.WriteString("path", network.Path);
        json.WriteEndObject();
        json.WriteEndArray();
        WriteStrings(json, "maskedPaths", Hidden);
        WriteStrings(json, "readonlyPaths", Unchangeable);
        json.WriteEndObject();
    }

    private static void WriteMount(Utf8JsonWriter json, string target, string type, string source, params string[] flags)
    {
        json.WriteStartObject();
        json.WriteString("destination", target);
        json.WriteString("type", type);
        json.WriteString("source", source);
        WriteStrings(json, "options", flags);
        json.WriteEndObject();
    }

    private static void WriteLimit(Utf8JsonWriter json, string type, long most)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteNumber("soft", most);
        json.WriteNumber("hard", most);
        json.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static byte[] Section(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return buffer.ToArray();
    }
}
