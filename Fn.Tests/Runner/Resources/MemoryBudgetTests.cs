using Fn.Runner;
using Fn.Runner.Resources;
using Xunit;

namespace Fn.Tests.Runner.Resources;

public sealed class MemoryBudgetTests
{
    private const long MiB = 1024 * 1024;
    private const long GiB = 1024 * MiB;

    /// <summary>A machine with 16 GiB, as /proc/meminfo says it.</summary>
    private const string MemInfo = """
        MemTotal:       16777216 kB
        MemFree:         1055072 kB
        MemAvailable:    9874332 kB
        Buffers:          512312 kB

        """;

    private const string V1Cgroup = """
        12:pids:/system.slice/fn.service
        9:memory:/system.slice/fn.service
        3:cpu,cpuacct:/system.slice/fn.service
        1:name=systemd:/system.slice/fn.service

        """;

    /// <summary>A systemd host that keeps memory in v1 and has v2 beside it for its own use.</summary>
    private const string HybridCgroup = """
        9:hugetlb,memory:/docker/abc
        1:name=systemd:/docker/abc
        0::/docker/abc

        """;

    /// <summary>What v1 writes where nothing is limited.</summary>
    private const string V1Unlimited = "9223372036854771712\n";

    public static TheoryData<string, Dictionary<string, string>, long, string> Machines => new()
    {
        { "nothing can be read but memory", [], 16 * GiB, "machine memory" },
        { "v2, no limit", V2("/", ("", "max\n")), 16 * GiB, "machine memory" },
        { "v2, in a container, which sees its own cgroup as the root", V2("/", ("", "2147483648\n")), 2 * GiB, "cgroup v2" },
        { "v2, a service", V2("/system.slice/fn.service", ("/system.slice/fn.service", "4294967296\n")), 4 * GiB, "cgroup v2" },
        {
            "v2, nested: the parent's limit is less",
            V2("/a/b/c", ("/a/b/c", "8589934592\n"), ("/a/b", "max\n"), ("/a", "3221225472\n")), 3 * GiB, "cgroup v2"
        },
        {
            "v2, nested: the own limit is less",
            V2("/a/b", ("/a/b", "1073741824\n"), ("/a", "3221225472\n")), GiB, "cgroup v2"
        },
        { "v2, more than the machine has", V2("/", ("", "68719476736\n")), 16 * GiB, "machine memory" },
        { "v2, controller not enabled", V2("/user.slice"), 16 * GiB, "machine memory" },
        { "v2, a path that is not visible here: the mount's root is the container's own", V2("/../../outside", ("", "2147483648\n")), 2 * GiB, "cgroup v2" },
        { "v1, no limit", V1("/system.slice/fn.service", V1Unlimited), 16 * GiB, "machine memory" },
        { "v1, a service", V1("/system.slice/fn.service", "4294967296\n"), 4 * GiB, "cgroup v1" },
        { "v1, in a container, whose path is the host's", V1("", "2147483648\n"), 2 * GiB, "cgroup v1" },
        { "v1, the slice is limited", V1("/system.slice", "3221225472\n"), 3 * GiB, "cgroup v1" },
        {
            "hybrid, memory in v1",
            new() { ["/proc/self/cgroup"] = HybridCgroup, ["/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes"] = "1073741824\n" }, GiB, "cgroup v1"
        },
        { "nonsense", new() { ["/proc/self/cgroup"] = "nonsense\n\n0::\n" }, 16 * GiB, "machine memory" },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void Find_Machine_IsTheLeastLimit(string machine, Dictionary<string, string> files, long expected, string source)
    {
        files.TryAdd("/proc/meminfo", MemInfo);

        var found = MemoryBudget.Find(new RunnerOptions { MemoryReserve = 0 }, files.GetValueOrDefault);

        Assert.True((expected, source) == found, $"{machine}: {found}");
    }

    [Theory]
    [InlineData(1024, 768)]      // A tenth is little: at least 256 MiB.
    [InlineData(2560, 2304)]
    [InlineData(10_240, 9216)]   // A tenth.
    [InlineData(51_200, 46_080)]
    [InlineData(102_400, 97_280)] // A tenth is much: at most 5 GiB.
    [InlineData(128, 0)]         // Less than the reserve.
    public void Find_NoReserveGiven_LeavesATenthWithinBounds(long machineMiB, long expectedMiB) =>
        Assert.Equal(expectedMiB * MiB, Find(new RunnerOptions(), machineMiB));

    [Theory]
    [InlineData(0, 1, 4096)]
    [InlineData(96, 1, 4000)]
    [InlineData(96, 4, 1000)]
    [InlineData(8192, 1, 0)]
    public void Find_ReserveAndInstances_AreTakenOffAndShared(long reserveMiB, int instances, long expectedMiB) =>
        Assert.Equal(expectedMiB * MiB, Find(new RunnerOptions { MemoryReserve = reserveMiB * MiB, Instances = instances }, machineMiB: 4096));

    [Fact]
    public void Find_MemoryGiven_IsThatAndNothingIsTakenOff()
    {
        var options = new RunnerOptions { Memory = 3 * GiB, MemoryReserve = GiB, Instances = 4 };

        Assert.Equal((3 * GiB, "Fn:Runner:Memory"), MemoryBudget.Find(options, _ => throw new InvalidOperationException("Nothing to read.")));
    }

    [Fact]
    public void Find_ThisMachine_HasSome() => Assert.True(MemoryBudget.Find(new RunnerOptions { MemoryReserve = 0 }, MemoryBudget.ReadFile).Bytes > 16 * MiB);

    [Theory]
    [InlineData("/proc/meminfo", true)]
    [InlineData("/sys/fs/cgroup/no/such/file", false)]
    [InlineData("/proc", false)]
    public void ReadFile_Path_IsItsTextOrNull(string path, bool there) => Assert.Equal(there, MemoryBudget.ReadFile(path) is not null);

    private static long Find(RunnerOptions options, long machineMiB) =>
        MemoryBudget.Find(options, path => path == "/proc/meminfo" ? $"MemTotal: {machineMiB * 1024} kB\n" : null).Bytes;

    private static Dictionary<string, string> V2(string own, params (string Path, string Limit)[] limits)
    {
        var files = limits.ToDictionary(limit => $"/sys/fs/cgroup{limit.Path}/memory.max", limit => limit.Limit);
        files["/proc/self/cgroup"] = $"0::{own}\n";
        return files;
    }

    private static Dictionary<string, string> V1(string path, string limit) => new()
    {
        ["/proc/self/cgroup"] = V1Cgroup,
        [$"/sys/fs/cgroup/memory{path}/memory.limit_in_bytes"] = limit,
    };
}
