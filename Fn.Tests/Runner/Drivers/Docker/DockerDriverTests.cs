using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.EndToEnd;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Docker;

[Collection(DockerRuns.Name)]
public sealed class DockerDriverTests : ContainerDriverTests, IDisposable
{
    private readonly DockerEngineFixture _fixture;
    private readonly DockerTestDriver _driver;

    public DockerDriverTests(DockerEngineFixture fixture)
    {
        fixture.Require();
        _fixture = fixture;
        _driver = new DockerTestDriver(fixture.Host);
    }

    private protected override IContainerDriver Driver => _driver.Driver;

    public void Dispose() => _driver.Dispose();

    [Theory]
    [InlineData("fn/hello:1", true)]
    [InlineData("process:/bin/sh", false)]
    public void Runs_Image_UnlessItIsAProcess(string image, bool runs)
    {
        Assert.Equal(runs, Driver.Runs(image));
    }

    [Fact]
    public async Task Container_AsSeenFromInside_IsConfined()
    {
        // id, capabilities, no new privileges, and what may be written.
        var container = await StartAsync(
            "id -u; id -g; while read key value; do case $key in CapEff:|NoNewPrivs:) echo $key $value;; esac; done < /proc/self/status; "
            + "touch /forbidden 2>&1; touch /tmp/allowed && echo written; ulimit -n");

        var lines = (await ReadAllAsync(container.Output)).Split('\n');

        Assert.Equal(["1000", "1000", "CapEff: 0000000000000000", "NoNewPrivs: 1", "touch: /forbidden: Read-only file system", "written", "350", ""], lines);
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Ended_MoreMemoryThanItMay_IsOutOfMemory()
    {
        var container = await StartAsync("a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done");

        Assert.Equal(new ContainerExit(137, OutOfMemory: true), await container.Ended.WaitAsync(Cancel));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Pull_UnknownImage_FailsWithTheEnginesWords()
    {
        var failure = await Driver.PullAsync("localhost:1/no/such:image", Cancel);

        Assert.Equal(CallError.PullFailed, failure!.Error);
        Assert.Contains("localhost:1", failure.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_ImageWithVolume_IsRefused()
    {
        var image = await _fixture.Images.ShellAsync("true", "VOLUME /data");

        Assert.Equal(CallError.ImageHasVolume, (await Driver.PullAsync(image, Cancel))!.Error);
    }

    [Fact]
    public async Task Pull_NameNowStandsForAnImageWithVolume_IsRefused()
    {
        await _fixture.Images.TagAsync(await _fixture.Images.ShellAsync("true"), "test/moving:1");
        Assert.Null(await Driver.PullAsync("test/moving:1", Cancel));
        // The stream of events may still be opening, and the engine repeats what came since.
        await _fixture.Images.TagAsync(await _fixture.Images.ShellAsync("true", "VOLUME /data"), "test/moving:1");

        await Eventually.HoldsAsync(async () => (await Driver.PullAsync("test/moving:1", Cancel))?.Error == CallError.ImageHasVolume, "it is looked at again");
    }

    [Fact]
    public async Task Tmp_OfAContainer_IsAsLargeAsItsMemory()
    {
        var container = await StartAsync("while read device mount type options; do case $mount in /tmp) echo $options;; esac; done < /proc/mounts");

        Assert.Contains($"size={64 * 1024}k", await ReadAllAsync(container.Output), StringComparison.Ordinal);
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Remove_Container_LeavesNothing()
    {
        var container = await StartAsync("cat");

        await container.RemoveAsync();

        Assert.DoesNotContain(await _fixture.ContainersAsync(), name => name.Contains(container.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Engine_NotThere_IsUnavailableAndNoException()
    {
        using var driver = new DockerTestDriver("unix:///tmp/no-such-engine.sock");

        var failure = await driver.Driver.PullAsync("an/image", Cancel);

        Assert.Equal(CallError.EngineUnavailable, failure!.Error);
        Assert.Contains("/tmp/no-such-engine.sock", failure.Detail, StringComparison.Ordinal);
    }

    private protected override async ValueTask<FunctionSpec> ShellAsync(string script) =>
        TestSpecs.Function(await _fixture.Images.ShellAsync(script), FunctionFormat.Http, memoryMiB: 64);
}
