using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Drivers.Process;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Runtime;

public sealed class RuntimeProgramTests
{
    [Theory]
    [InlineData("runc version 1.1.5+ds1\ncommit: x\nspec: 1.0.2-dev", "runc", "1.1.5+ds1")]
    [InlineData("crun version 1.8.1\ncommit: f8a0", "crun", "1.8.1")]
    [InlineData("youki version 0.3.2", "youki", "0.3.2")]
    public void Parse_Version_IsRead(string output, string kind, string version)
    {
        Assert.Equal(new RuntimeProgram("/bin/x", kind, version), RuntimeProgram.Parse("/bin/x", 0, output, out var error));
        Assert.Null(error);
    }

    [Theory]
    [InlineData("runc version 1.0.0-rc93", "/bin/x is runc version 1.0.0-rc93: too old, 1.1 is needed")]
    [InlineData("crun version 0.20", "/bin/x is crun version 0.20: too old, 1.0 is needed")]
    [InlineData("GNU tar", "does not say which version of an OCI runtime it is")]
    [InlineData("", "does not say which version of an OCI runtime it is")]
    public void Parse_NoneThatCanBeUsed_SaysWhy(string output, string why)
    {
        Assert.Null(RuntimeProgram.Parse("/bin/x", 0, output, out var error));
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/no/such/runtime", "/no/such/runtime cannot be run")]
    [InlineData("no-such-runtime", "no-such-runtime is not on PATH")]
    [InlineData("/bin/true", "/bin/true does not say")]
    public async Task Find_Missing_SaysWhatWasLookedFor(string setting, string why)
    {
        using var children = new ChildWatch();

        var (program, error) = await RuntimeProgram.FindAsync(setting, children);

        Assert.Null(program);
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.Contains($"Fn:Oci:Runtime={setting}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Unseen_CrunBesideAnUnusedHierarchy_IsThatHierarchy()
    {
        var cgroups = Cgroups.Find(CgroupsTests.Hybrid, _ => null, _ => "0");

        Assert.Equal("/sys/fs/cgroup/unified", new RuntimeProgram("/bin/crun", "crun", "1").Unseen(cgroups));
        Assert.Null(new RuntimeProgram("/bin/runc", "runc", "1").Unseen(cgroups));
        Assert.Null(new RuntimeProgram("/bin/crun", "crun", "1").Unseen(Cgroups.Find(CgroupsTests.Unified, _ => null, _ => "memory pids\n")));
    }

    [Fact]
    public void Words_NothingCanBeLimited_CrunLeavesCgroupsAlone()
    {
        var cgroups = Cgroups.Find(CgroupsTests.Unified, _ => "Read-only file system", _ => "memory pids\n");

        Assert.Contains("--cgroup-manager=disabled", new RuntimeProgram("/bin/crun", "crun", "1").Words(cgroups, "/state", "list"));
    }
}
