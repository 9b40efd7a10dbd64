using Fn.Runner;
using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.Runner.Drivers.Oci.Runtime;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci;

/// <summary>What the driver does with either runtime.</summary>
public abstract class OciDriverTests : ContainerDriverTests, IDisposable
{
    private static readonly string[] CpuFiles = ["cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.weight", "cpu.max"];

    private readonly OciFixture _fixture;
    private readonly string _runtime;
    private readonly OciTestDriver _driver;

    protected OciDriverTests(OciFixture fixture, string runtime)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists($"/usr/sbin/{runtime}") | File.Exists($"/usr/bin/{runtime}"), $"needs root and {runtime}");
        (_fixture, _runtime) = (fixture, runtime);
        _driver = new OciTestDriver(fixture.Data, runtime);
    }

    private protected override IContainerDriver Driver => _driver.Driver;

    public void Dispose()
    {
        _driver.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Container_AsSeenFromInside_IsConfined()
    {
        // Who it is, capabilities, no new privileges, system calls filtered, what may be written, and its network.
        var container = await StartAsync(
            "id -u; id -g; while read key value; do case $key in CapEff:|CapBnd:|NoNewPrivs:|Seccomp:) echo $key $value;; esac; done < /proc/self/status; "
            + "touch /forbidden 2>&1; touch /tmp/allowed && echo written; ulimit -n; ip -o link | grep -c .; ip -o addr | grep -c 127.0.0.1");

        var lines = (await ReadAllAsync(container.Output)).Split('\n');

        Assert.Equal(
            ["1000", "1000", "NoNewPrivs: 1", "Seccomp: 2"], lines.Take(2).Concat(lines.Where(line => line.StartsWith("NoNew", StringComparison.Ordinal) || line.StartsWith("Seccomp:", StringComparison.Ordinal))));
        Assert.All(lines.Where(line => line.StartsWith("Cap", StringComparison.Ordinal)), line => Assert.EndsWith(" 0000000000000000", line));
        Assert.Contains("touch: /forbidden: Read-only file system", lines);
        Assert.Equal(["written", "350", "1", "1"], lines.SkipWhile(line => line != "written").Take(4));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Container_MayMakeNoNamespaces()
    {
        var container = await StartAsync("/bin/busybox unshare -U /bin/true 2>&1");

        Assert.Contains("Operation not permitted", await ReadAllAsync(container.Output), StringComparison.Ordinal);
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
    public async Task Processes_MoreThanItMay_AreNotStarted()
    {
        var container = await StartAsync("i=0; while [ $i -lt 60 ]; do sleep 1000 & i=$((i+1)); done 2>&1; echo all");

        Assert.Contains("fork", await ReadAllAsync(container.Output), StringComparison.Ordinal);
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Environment_OfTheImage_IsThereAndTheFunctionsWins()
    {
        var container = await StartAsync("echo $PATH $IMAGES $HOSTNAME", new() { ["IMAGES"] = "the function's" });

        Assert.Equal($"/bin the function's {Environment.MachineName}\n", await ReadAllAsync(container.Output));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Remove_Container_LeavesNothing()
    {
        var container = await StartAsync("cat");
        Assert.NotEmpty(LeftOf(container.Id));

        await container.RemoveAsync();

        Assert.Empty(LeftOf(container.Id));
        Assert.Empty(Zombies());
    }

    [Fact]
    public async Task RemoveLeftovers_RunnerWasKilled_NothingOfItsIsLeft()
    {
        const string Earlier = "5d1b5f3c-0000-0000-0000-0000000000cc";
        var container = await StartAsync("cat", runnerId: Earlier);
        using var next = new OciTestDriver(_fixture.Data, "auto");

        await next.Driver.RemoveLeftoversAsync([Earlier], Cancel);

        Assert.Equal(137, (await container.Ended.WaitAsync(Cancel)).Code);
        Assert.Empty(LeftOf(container.Id));
        Assert.False(Directory.Exists(Path.Combine(_fixture.Data, "oci", "runners", Earlier)));
        await container.RemoveAsync();
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("broken")]
    public async Task RemoveLeftovers_RuntimeIsGoneOrFails_WhatItMadeIsKilledByItsGroup(string what)
    {
        const string Earlier = "5d1b5f3c-0000-0000-0000-0000000000dd";
        var container = await StartAsync("cat", runnerId: Earlier);
        Spoil(container.Id, what);
        using var next = new OciTestDriver(_fixture.Data, "auto");
        Assert.True(next.Driver.HasLeftovers([Earlier]));

        await next.Driver.RemoveLeftoversAsync([Earlier], Cancel);

        Assert.Equal(137, (await container.Ended.WaitAsync(Cancel)).Code);
        Assert.Empty(LeftOf(container.Id));
        Assert.False(next.Driver.HasLeftovers([Earlier]));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task RemoveLeftovers_PlaceIsGone_GroupIsFoundAllTheSame()
    {
        const string Earlier = "5d1b5f3c-0000-0000-0000-0000000000ee";
        var container = await StartAsync("cat", runnerId: Earlier);
        Directory.Delete(Path.Combine(_fixture.Data, "oci", "runners", Earlier), recursive: true);

        await Driver.RemoveLeftoversAsync([Earlier], Cancel);

        Assert.Equal(137, (await container.Ended.WaitAsync(Cancel)).Code);
        Assert.Empty(LeftOf(container.Id));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Remove_RuntimeFails_LeavesNothing()
    {
        var container = await StartAsync("cat");
        Spoil(container.Id, "broken");

        await container.RemoveAsync();

        Assert.Empty(LeftOf(container.Id));
    }

    [Fact]
    public async Task Processors_OfAContainer_AreSharedByMemoryAndLimitedWhenAsked()
    {
        using var driver = new OciTestDriver(_fixture.Data, _runtime, containers: new ContainerOptions { Cpus = 0.5 });
        var (container, failure) = await driver.Driver.CreateAsync(await SpecAsync("cat"), Cancel);
        Assert.Null(failure);
        Assert.Null(await container!.StartAsync(Cancel));

        var seen = LeftOf(container.Id).SelectMany(path => CpuFiles.Select(name => Path.Combine(path, name)))
            .Where(File.Exists).ToDictionary(path => Path.GetFileName(path), path => File.ReadAllText(path).Trim());

        if (seen.TryGetValue("cpu.max", out var most))
            // How shares become a weight differs from runtime to runtime; 100 is what a group has that was told nothing.
            Assert.Equal(("50000 100000", true), (most, int.Parse(seen["cpu.weight"], null) < 100));
        else
            Assert.Equal(("512", "50000", "100000"), (seen["cpu.shares"], seen["cpu.cfs_quota_us"], seen["cpu.cfs_period_us"]));
        await container.RemoveAsync();
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(10, true)]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(38, false)]
    [InlineData(40, false)]
    public async Task Sockets_OfSeldomUsedKinds_AreNotPermitted(int family, bool permitted)
    {
        var image = await _fixture.NativeAsync();
        var (container, failure) = await Driver.CreateAsync(
            new ContainerSpec { Id = FnId.New(TimeProvider.System), RunnerId = RunnerId, Function = TestSpecs.Function(image, memoryMiB: 64), Environment = new Dictionary<string, string> { ["PROBE"] = $"{family}" } }, Cancel);
        Assert.Null(failure);
        Assert.Null(await container!.StartAsync(Cancel));

        // EPERM, and not that the kernel has no such sockets.
        Assert.Equal(permitted, (await container.Ended.WaitAsync(Cancel)).Code != 1);
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Start_ProgramIsNotInTheImage_EndsAndItsLogSaysSo()
    {
        using var driver = new OciTestDriver(_fixture.Data, _runtime);
        var spec = await SpecAsync("true");
        var broken = _fixture.Broken();
        var (container, failure) = await driver.Driver.CreateAsync(
            new ContainerSpec { Id = spec.Id, RunnerId = RunnerId, Function = TestSpecs.Function(broken, memoryMiB: 64), Environment = spec.Environment }, Cancel);
        Assert.Null(failure);

        Assert.Null(await container!.StartAsync(Cancel));

        Assert.Equal(127, (await container.Ended.WaitAsync(Cancel)).Code);
        Assert.Contains("/no/such", await ReadAllAsync(container.Log), StringComparison.Ordinal);
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Start_RuntimeRefuses_FailsWithItsWords()
    {
        using var driver = new OciTestDriver(_fixture.Data, _runtime);
        var (container, _) = await driver.Driver.CreateAsync(await SpecAsync("true"), Cancel);
        var config = Directory.EnumerateFiles(Path.Combine(_fixture.Data, "oci", "runners", RunnerId, container!.Id), "config.json").Single();
        await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(config, Cancel)).Replace("\"cwd\":\"/\"", "\"cwd\":\"/not/there\"", StringComparison.Ordinal), Cancel);

        var failure = await container.StartAsync(Cancel);

        Assert.Equal(CallError.StartFailed, failure!.Error);
        Assert.Contains("/not", failure.Detail, StringComparison.Ordinal);
        await container.RemoveAsync();
        Assert.Empty(LeftOf(container.Id));
    }

    [Fact]
    public async Task Root_NotReadOnly_IsTheContainersOwn()
    {
        using var driver = new OciTestDriver(_fixture.Data, _runtime, new RunnerOptions { UseImageUser = true }, new ContainerOptions { ReadOnlyRoot = false });
        var spec = await SpecAsync("id -u; id -g; echo mine > /tmp/x; cat /etc/passwd | grep -c tester");
        var (container, failure) = await driver.Driver.CreateAsync(spec, Cancel);
        Assert.Null(failure);
        Assert.Null(await container!.StartAsync(Cancel));

        Assert.Equal("77\n88\n1\n", await ReadAllAsync(container.Output));
        await container.RemoveAsync();
        Assert.Empty(LeftOf(container.Id));
    }

    [Fact]
    public async Task SocketDirectory_OfTheSpec_IsSeenInside()
    {
        var sockets = Directory.CreateTempSubdirectory("fn-s-");
        File.SetUnixFileMode(sockets.FullName, (UnixFileMode)0x1FF);
        var spec = await SpecAsync("touch /tmp/iofs/made; sleep 1000");
        using (var watch = new FileSystemWatcher(sockets.FullName) { EnableRaisingEvents = true })
        {
            var made = new TaskCompletionSource();
            watch.Created += (_, _) => made.TrySetResult();
            var (container, _) = await Driver.CreateAsync(
                new ContainerSpec { Id = spec.Id, RunnerId = RunnerId, Function = spec.Function, Environment = spec.Environment, SocketDirectory = sockets.FullName }, Cancel);
            Assert.Null(await container!.StartAsync(Cancel));

            await made.Task.WaitAsync(Cancel);
            await container.RemoveAsync();
        }
        sockets.Delete(recursive: true);
    }

    [Fact]
    public async Task Containers_40Idle_CostNoThreads()
    {
        await (await StartAsync("cat")).RemoveAsync();
        var before = Directory.GetDirectories("/proc/self/task").Length;
        var containers = new List<IContainer>();
        for (var i = 0; i < 40; i++)
            containers.Add(await StartAsync("cat"));
        var reads = containers.ConvertAll(container => Task.WhenAll(container.Output.ReadAsync(new byte[16], Cancel).AsTask(), container.Log.ReadAsync(new byte[16], Cancel).AsTask()));

        // The pool may add a few of its own meanwhile; one for each container, or for each of its streams, they are not.
        Assert.InRange(Directory.GetDirectories("/proc/self/task").Length - before, int.MinValue, 20);
        await Task.WhenAll(containers.Select(container => container.RemoveAsync()));
        await Task.WhenAll(reads);
        Assert.Empty(Zombies());
    }

    [Fact]
    public async Task Pull_UnknownImage_FailsAndSaysWhereItWasLookedFor()
    {
        var failure = await Driver.PullAsync("no/such:image", Cancel);

        Assert.Equal(CallError.PullFailed, failure!.Error);
        Assert.Contains($"no archive in {_fixture.Archives} has it; the engine at unix:///tmp/no-such-engine.sock", failure.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_ImageWithVolume_IsRefused() =>
        Assert.Equal(CallError.ImageHasVolume, (await Driver.PullAsync(_fixture.Shell("true", "/data"), Cancel))!.Error);

    [Fact]
    public async Task Create_LimitsCannotBeEnforced_IsRefusedUnlessAllowed()
    {
        static Cgroups Without() => Cgroups.Find("1 1 0:1 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory", _ => "Read-only file system", _ => null);
        using var refusing = new OciTestDriver(_fixture.Data, _runtime, cgroups: Without);
        using var allowing = new OciTestDriver(_fixture.Data, _runtime, new RunnerOptions { AllowUnlimited = true }, cgroups: Without);

        var (_, failure) = await refusing.Driver.CreateAsync(await SpecAsync("true"), Cancel);
        var (container, _) = await allowing.Driver.CreateAsync(await SpecAsync("true"), Cancel);

        Assert.Equal(CallError.StartFailed, failure!.Error);
        Assert.Contains("memory cannot be limited: Read-only file system", failure.Detail, StringComparison.Ordinal);
        Assert.Contains("Fn:Runner:AllowUnlimited", failure.Detail, StringComparison.Ordinal);
        await container!.RemoveAsync();
    }

    private protected override ValueTask<FunctionSpec> ShellAsync(string script) => new(TestSpecs.Function(_fixture.Shell(script), FunctionFormat.Http, memoryMiB: 64));

    /// <summary>Makes what the runtime knows of a container useless: as if by another runtime, or no more to be read.</summary>
    private void Spoil(string id, string what)
    {
        var place = Directory.GetDirectories(Path.Combine(_fixture.Data, "oci", "runners")).Select(runner => Path.Combine(runner, id)).Single(Directory.Exists);
        var state = Directory.GetDirectories(place, "state-*").Single();
        if (what == "gone")
            Directory.Move(state, Path.Combine(place, "state-no-such-runtime"));
        else
            foreach (var file in Directory.GetFiles(state, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is "status" or "state.json"))
                File.WriteAllText(file, "nonsense");
    }

    /// <summary>What there is of a container: its directory, its groups, its mounts.</summary>
    private List<string> LeftOf(string id) =>
    [
        .. Directory.GetDirectories(Path.Combine(_fixture.Data, "oci", "runners"), id, SearchOption.AllDirectories),
        .. Directory.GetDirectories("/sys/fs/cgroup", "fn", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }).SelectMany(group => Directory.GetDirectories(group, id, SearchOption.AllDirectories)),
        .. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(id, StringComparison.Ordinal)),
    ];

    private static List<string> Zombies() =>
        [.. Directory.EnumerateFiles("/proc/self/task", "children", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .SelectMany(file => File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(pid => File.ReadAllText($"/proc/{pid}/stat"))
            .Where(stat => stat.Contains(") Z ", StringComparison.Ordinal))];
}

[Collection(OciRuns.Name)]
public sealed class RuncDriverTests(OciFixture fixture) : OciDriverTests(fixture, "runc");

[Collection(OciRuns.Name)]
public sealed class CrunDriverTests(OciFixture fixture) : OciDriverTests(fixture, "crun");
