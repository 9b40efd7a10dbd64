using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Drivers.Process;
using Fn.Runner.Linux;
using Xunit;

namespace Fn.Tests.Runner.Linux;

public sealed class MountNamespaceTests : IDisposable
{
    private readonly string _parent;
    private readonly string _target;

    public MountNamespaceTests()
    {
        _parent = Directory.CreateTempSubdirectory("fn-mounts-").FullName;
        _target = Directory.CreateDirectory(Path.Combine(_parent, "target")).FullName;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Mounts.RemoveAll(_target);
        Mounts.RemoveAll(_parent);
        Directory.Delete(_parent, recursive: true);
    }

    [Fact]
    public async Task Without_ProgramIsStarted_SeesAllButThatMount()
    {
        using var children = new ChildWatch();
        await MountAsync(children);

        var (code, seen) = await Command.RunAsync(["ls", _target], children, unseen: _target);

        Assert.Equal((0, "below"), (code, seen));
        Assert.Equal("above", (await Command.RunAsync(["ls", _target], children)).Output);
    }

    [Fact]
    public async Task Without_NothingIsMounted_GoesOn()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        using var children = new ChildWatch();

        Assert.Equal(0, (await Command.RunAsync(["ls", _target], children, unseen: _target)).Code);
    }

    [Fact]
    public async Task Without_WhatIsDoneThrows_ThrowsItAndThisProcessSeesTheMount()
    {
        using var children = new ChildWatch();
        await MountAsync(children);

        Assert.Throws<FileNotFoundException>(() => MountNamespace.Without(_target, () => File.ReadAllText(Path.Combine(_target, "above"))));
        Assert.True(File.Exists(Path.Combine(_target, "above")));
    }

    // Where mounts are shared, as they are on most machines: what one namespace unmounts is unmounted in all.
    private async Task MountAsync(ChildWatch children)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        Assert.Equal((0, ""), await Command.RunAsync(["mount", "--bind", "--make-shared", _parent, _parent], children));
        await File.WriteAllTextAsync(Path.Combine(_target, "below"), "", Cancel);
        Assert.SkipUnless(Mounts.TrySmall(_target), "nothing can be mounted here");
        await File.WriteAllTextAsync(Path.Combine(_target, "above"), "", Cancel);
    }
}
