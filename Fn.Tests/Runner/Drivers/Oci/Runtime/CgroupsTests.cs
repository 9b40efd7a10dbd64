using Fn.Runner.Drivers.Oci.Runtime;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Runtime;

public sealed class CgroupsTests
{
    internal const string Unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

    internal const string Hybrid = """
        30 23 0:24 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
        31 30 0:25 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        32 30 0:26 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
        33 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
        """;

    [Fact]
    public void Find_OneHierarchyEach_LimitsBothAndKnowsTheOneBeside()
    {
        var asked = new List<string>();
        var cgroups = Cgroups.Find(Hybrid, Probe(asked), _ => null);

        Assert.True(cgroups.Limits("memory") && cgroups.Limits("pids"));
        Assert.False(cgroups.IsUnified || cgroups.CountsSwap);
        Assert.Equal("/sys/fs/cgroup/unified", cgroups.Beside);
        Assert.Empty(cgroups.Missing);
        Assert.Equal(["/sys/fs/cgroup/memory/fn", "/sys/fs/cgroup/pids/fn"], asked);
    }

    [Fact]
    public void Find_OneForAll_LimitsWhatItHasControllersFor()
    {
        var cgroups = Cgroups.Find(Unified, _ => null, path => path == "/sys/fs/cgroup/cgroup.controllers" ? "cpu memory\n" : null);

        Assert.True(cgroups.Limits("memory") && cgroups.IsUnified && cgroups.CountsSwap);
        Assert.Null(cgroups.Beside);
        Assert.Equal(["pids"], cgroups.Missing.Keys);
    }

    [Fact]
    public void Find_ProcessorsCannotBeShared_NothingIsMissing()
    {
        const string WithProcessors = Hybrid + "\n34 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct";

        Assert.True(Cgroups.Find(WithProcessors, _ => null, _ => null).Limits("cpu"));
        var without = Cgroups.Find(WithProcessors, path => path.Contains("cpuacct", StringComparison.Ordinal) ? "Read-only file system" : null, _ => null);

        Assert.False(without.Limits("cpu"));
        Assert.Empty(without.Missing);
    }

    [Fact]
    public void Find_NotWritable_IsMissingWithTheReason()
    {
        var cgroups = Cgroups.Find(Hybrid, path => path.Contains("memory", StringComparison.Ordinal) ? "Read-only file system" : null, _ => null);

        Assert.False(cgroups.Limits("memory"));
        Assert.True(cgroups.Limits("pids"));
        Assert.Equal("Read-only file system", cgroups.Missing["memory"]);
        Assert.Equal(0, cgroups.OutOfMemoryKills("some", "container"));
    }

    [Fact]
    public void Find_NoneAtAll_LimitsNothing() => Assert.Equal(["memory", "pids"], Cgroups.Find("", _ => null, _ => null).Missing.Keys);

    private static Func<string, string?> Probe(List<string> asked) => path =>
    {
        asked.Add(path);
        return null;
    };
}
