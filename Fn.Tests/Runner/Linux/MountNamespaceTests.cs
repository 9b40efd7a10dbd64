using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Drivers.Process;
using Fn.Runner.Linux;
using Xunit;

namespace Fn.Tests.Runner.Linux;

public sealed class MountNamespaceTests : IDisposable
{
    private readonly string _target = Directory.CreateTempSubdirectory("fn-mounts-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Mounts.RemoveAll(_target);
        Directory.Delete(_target, recursive: true);
    }

    [Fact]
    public async Task Without_ProgramIsStarted_SeesAllButThatMount()
    {
        await MountAsync();
        using var children = new ChildWatch();

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
        await MountAsync();

        Assert.Throws<FileNotFoundException>(() => MountNamespace.Without(_target, () => File.ReadAllText(Path.Combine(_target, "above"))));
        Assert.True(File.Exists(Path.Combine(_target, "above")));
    }

    private async Task MountAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        await File.WriteAllTextAsync(Path.Combine(_target, "below"), "", Cancel);
        Assert.SkipUnless(Mounts.TrySmall(_target), "nothing can be mounted here");
        await File.WriteAllTextAsync(Path.Combine(_target, "above"), "", Cancel);
    }
}
