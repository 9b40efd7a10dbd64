using Fn.Runner.Drivers.Oci.Runtime;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Runtime;

/// <summary>Groups in directories that only look like the kernel's.</summary>
public sealed class ContainerGroupTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fn-groups-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Remove_NothingIsInIt_IsGoneInAllHierarchies()
    {
        foreach (var hierarchy in (string[])["memory", "pids"])
            Directory.CreateDirectory(Path.Combine(_root, hierarchy, "fn", "runner", "container", "below"));

        Assert.Equal(["container"], Found().ContainersOf("runner"));
        Assert.True(await Found().GroupOf("runner", "container").RemoveAsync());
        Assert.Empty(Found().ContainersOf("runner"));

        Found().RemoveRunner("runner");
        Assert.False(Directory.Exists(Path.Combine(_root, "memory", "fn", "runner")));
    }

    [Fact]
    public async Task Remove_SomethingDoesNotGo_IsSaid()
    {
        var group = Directory.CreateDirectory(Path.Combine(_root, "pids", "fn", "runner", "container")).FullName;
        await File.WriteAllTextAsync(Path.Combine(group, "in the way"), "", TestContext.Current.CancellationToken);

        Assert.False(await Found().GroupOf("runner", "container").RemoveAsync());
        Assert.True(Directory.Exists(group));
    }

    [Fact]
    public async Task Remove_ThereIsNone_IsGone() => Assert.True(await Found().GroupOf("runner", "none").RemoveAsync());

    private Cgroups Found() => Cgroups.Find(
        $"""
        31 30 0:25 / {_root}/memory rw - cgroup cgroup rw,memory
        32 30 0:26 / {_root}/pids rw - cgroup cgroup rw,pids
        """,
        _ => null,
        _ => null);
}
