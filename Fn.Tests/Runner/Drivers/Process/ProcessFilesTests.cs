using Fn.Runner;
using Fn.Runner.Drivers;
using Fn.Runner.Drivers.Process;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Process;

/// <summary>Which files may be run, and what is said of those that may not.</summary>
public sealed class ProcessFilesTests : IDisposable
{
    private readonly string _base = Directory.CreateTempSubdirectory("fn-files-").FullName;
    private readonly string _root;

    public ProcessFilesTests()
    {
        _root = Directory.CreateDirectory(Path.Combine(_base, "root")).FullName;
        Directory.CreateDirectory(Path.Combine(_base, "root-beside"));
        Script(Path.Combine(_root, "inside"));
        Script(Path.Combine(_base, "outside"));
        Script(Path.Combine(_base, "root-beside", "near"));
        Directory.CreateDirectory(Path.Combine(_root, "directory"));
        File.CreateSymbolicLink(Path.Combine(_root, "way-out"), Path.Combine(_base, "outside"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "up"), _base);
        File.CreateSymbolicLink(Path.Combine(_base, "way-in"), Path.Combine(_root, "inside"));
    }

    public void Dispose() => Directory.Delete(_base, recursive: true);

    [Theory]
    [InlineData("{root}/inside")]
    [InlineData("inside")]
    [InlineData("directory/../inside")]
    [InlineData("{base}/way-in")]
    public void Find_ReallyUnderARoot_IsTheRealPath(string path)
    {
        Assert.Equal(Path.Combine(_root, "inside"), Find(path, _root).Path);
    }

    [Theory]
    [InlineData("{base}/outside")]
    [InlineData("{root}/way-out")]
    [InlineData("../outside")]
    [InlineData("up/outside")]
    [InlineData("{base}/root-beside/near")]
    public void Find_ReallyOutside_IsForbiddenAndNamesTheRoots(string path)
    {
        var failure = Find(path, _root).Failure!;

        Assert.Equal((CallError.PullFailed, 403), (failure.Error, failure.Status));
        Assert.Contains(_root, failure.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("{root}/missing")]
    [InlineData("directory")]
    public void Find_NoSuchFile_IsNotFound(string path)
    {
        var failure = Find(path, _root).Failure!;

        Assert.Equal((CallError.PullFailed, 404), (failure.Error, failure.Status));
    }

    [Fact]
    public void Find_NoRoots_IsForbidden()
    {
        Assert.Equal(403, Find("{root}/inside").Failure!.Status);
    }

    [Fact]
    public void Find_RelativeRoot_IsBelowTheContentRoot()
    {
        Assert.Equal(Path.Combine(_root, "inside"), Find("inside", "root").Path);
    }

    [Theory]
    [InlineData("not-executable", "#!/bin/sh\n", "not executable")]
    [InlineData("text", "hello\n", "neither a program")]
    [InlineData("no-interpreter", "#!/no/such/interpreter -x\n", "/no/such/interpreter")]
    [InlineData("other-machine", "\x7f" + "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x08\0", "another kind of machine")]
    public async Task Create_CannotBeExecuted_FailsAndSaysWhy(string name, string content, string detail)
    {
        var file = Path.Combine(_root, name);
        await File.WriteAllBytesAsync(file, [.. content.Select(c => (byte)c)], TestContext.Current.CancellationToken);
        if (name != "not-executable")
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var fixture = new ProcessDriverFixture(_root);
        var spec = new ContainerSpec { Id = "c", RunnerId = "r", Function = TestSpecs.Function($"process:{name}"), Environment = new Dictionary<string, string>() };

        var failure = (await fixture.Driver.CreateAsync(spec, TestContext.Current.CancellationToken)).Failure!;

        Assert.Equal(CallError.InitializationFailed, failure.Error);
        Assert.Contains(detail, failure.Detail, StringComparison.Ordinal);
    }

    private static void Script(string path)
    {
        File.WriteAllText(path, "#!/bin/sh\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private FileOutcome Find(string path, params string[] roots) =>
        new ProcessFiles(Options.Create(new RunnerOptions { ProcessRoots = roots }), new FakeHostEnvironment { ContentRootPath = _base })
            .Find(path.Replace("{root}", _root, StringComparison.Ordinal).Replace("{base}", _base, StringComparison.Ordinal));
}
