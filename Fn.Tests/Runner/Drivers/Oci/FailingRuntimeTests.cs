using System.Runtime.InteropServices;
using Fn.Runner.Drivers;
using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Drivers.Process;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci;

/// <summary>Runtimes that do not do what they should: whatever becomes of a container, it can be removed.</summary>
[Collection(OciRuns.Name)]
public sealed partial class FailingRuntimeTests(OciFixture fixture)
{
    private const int GetChildSubreaper = 37;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    // A number that cannot be read, none, one of no child.
    [InlineData("ln -s /proc/self/mem $file", 1)]
    [InlineData("true", 1)]
    [InlineData("echo 999999999 > $file", null)]
    // And a removal that fails.
    [InlineData("exit 3", 1)]
    public async Task Remove_RuntimeWritesDownNoContainer_EndsAndGivesEverythingBack(string run, int? failed)
    {
        var runtime = Path.Combine(fixture.Data, $"runtime-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(
            runtime,
            $$"""
            #!/bin/sh
            case "$*" in
            --version) echo "failing version 1.0";;
            *" run "*) while [ "$1" != --pid-file ]; do shift; done; file=$2; {{run}};;
            *) exit 4;;
            esac
            """,
            Cancel);
        File.SetUnixFileMode(runtime, (UnixFileMode)0x1ED);
        using var driver = new OciTestDriver(fixture.Data, runtime);
        var image = fixture.Shell("true");
        var (container, failure) = await driver.Driver.CreateAsync(
            new ContainerSpec { Id = FnId.New(TimeProvider.System), RunnerId = "failing", Function = TestSpecs.Function(image, memoryMiB: 64), Environment = new Dictionary<string, string>() }, Cancel);
        Assert.Null(failure);

        Assert.Equal(failed is not null, await container!.StartAsync(Cancel) is not null);
        await container.RemoveAsync().WaitAsync(Cancel);

        Assert.True(container.Ended.IsCompletedSuccessfully);
        Assert.Empty(Directory.GetDirectories(Path.Combine(fixture.Data, "oci", "runners", "failing")));
        Assert.True((await driver.Images.EnsureAsync(image, Cancel)).Image!.TryLetGo());
        Assert.Equal(0, Control(GetChildSubreaper, out var adopts));
        Assert.Equal(0, adopts);
    }

    [Fact]
    public async Task Run_ProgramDoesNotEnd_IsKilledAtItsLimit()
    {
        using var children = new ChildWatch();

        var (code, output) = await Command.RunAsync(["sleep", "1000"], children, limit: TimeSpan.FromMilliseconds(50));

        Assert.Equal((-1, "killed: it did not end within 00:00:00.0500000"), (code, output));
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, out int value);
}
