using System.Globalization;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Process;

public sealed class ProcessDriverTests : ContainerDriverTests, IDisposable
{
    private readonly ProcessDriverFixture _fixture = new("/bin");

    private protected override IContainerDriver Driver => _fixture.Driver;

    public void Dispose() => _fixture.Dispose();

    private protected override ValueTask<FunctionSpec> ShellAsync(string script) => new(TestSpecs.Function($"process:sh -c \"{script}\""));

    [Fact]
    public async Task Start_Always_LeadsASessionOfItsOwn()
    {
        var container = await StartAsync("cat /proc/$$/stat");

        // pid (comm) state ppid pgrp session
        var fields = (await ReadAllAsync(container.Output)).Split(' ');

        Assert.Equal(fields[0], fields[4]);
        Assert.Equal(fields[0], fields[5]);
        Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), fields[3]);
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Ended_FirstProcessOfADriverEndsAtOnce_IsTold()
    {
        for (var i = 0; i < 100; i++)
        {
            using var fixture = new ProcessDriverFixture("/bin");
            var spec = new ContainerSpec
            {
                Id = FnId.New(TimeProvider.System),
                RunnerId = RunnerId,
                Function = TestSpecs.Function("process:false"),
                Environment = new Dictionary<string, string>(),
            };
            var container = (await fixture.Driver.CreateAsync(spec, Cancel)).Container!;
            Assert.Null(await container.StartAsync(Cancel));

            Assert.Equal(1, (await container.Ended.WaitAsync(Cancel)).Code);
            await container.RemoveAsync();
        }
    }

    [Fact]
    public async Task Environment_OfTheRunner_StaysWithIt()
    {
        var container = await StartAsync("env", new() { ["MINE"] = "1" });

        var names = (await ReadAllAsync(container.Output)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]);

        // PWD (and _ in some shells) is the shell's own.
        Assert.Equal(["FN_PROCESS_LABEL", "HOME", "MINE", "PATH", "TMPDIR"], names.Except(["PWD", "OLDPWD", "SHLVL", "_"]).Order(StringComparer.Ordinal));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Environment_LabelInConfig_IsNotItsOwn()
    {
        var container = await StartAsync("echo $FN_PROCESS_LABEL", new() { ["FN_PROCESS_LABEL"] = "nobody's" });

        Assert.Equal($"{RunnerId}/{container.Id}\n", await ReadAllAsync(container.Output));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Environment_ListenerInSocketDirectory_IsItsPathOnTheHost()
    {
        var spec = new ContainerSpec
        {
            Id = FnId.New(TimeProvider.System),
            RunnerId = RunnerId,
            Function = await ShellAsync("echo $FN_LISTENER"),
            Environment = new Dictionary<string, string> { ["FN_LISTENER"] = "unix:/tmp/iofs/lsnr.sock" },
            SocketDirectory = "/somewhere/else",
        };
        var (container, _) = await Driver.CreateAsync(spec, Cancel);
        await container!.StartAsync(Cancel);

        Assert.Equal("unix:/somewhere/else/lsnr.sock\n", await ReadAllAsync(container.Output));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Remove_FunctionFilledItsTmp_NothingIsLeft()
    {
        var container = await StartAsync("mkdir $TMPDIR/d; echo data > $TMPDIR/d/file; echo $TMPDIR");
        var directory = await ReadLineAsync(container.Output);
        Assert.True(File.Exists(Path.Combine(directory, "d", "file")));

        await container.RemoveAsync();

        Assert.False(Directory.Exists(directory));
    }

    [Theory]
    [InlineData("sleep 1000 & echo $!; cat")]
    [InlineData("setsid sleep 1000 & echo $!; cat")]
    [InlineData("setsid sleep 1000 & echo $!")]
    [InlineData("setsid sh -c 'setsid sleep 1000 & echo $!' & wait; cat")]
    public async Task Remove_FunctionLeftChildren_TheyAreGone(string script)
    {
        var container = await StartAsync(script);
        var child = await ReadLineAsync(container.Output);
        Assert.True(Runs(child));

        await container.RemoveAsync();

        Assert.False(Runs(child));
    }

    [Fact]
    public async Task Remove_OthersStillRun_OnlyItsOwnChildrenGo()
    {
        var removed = await StartAsync("setsid sleep 1000 & echo $!; cat");
        var kept = await StartAsync("setsid sleep 1000 & echo $!; cat");
        await ReadLineAsync(removed.Output);
        var child = await ReadLineAsync(kept.Output);

        await removed.RemoveAsync();

        Assert.True(Runs(child));
        await kept.RemoveAsync();
    }

    [Fact]
    public async Task RemoveLeftovers_OfAnEarlierRunner_TakesChildrenAndDirectories()
    {
        const string Earlier = "5d1b5f3c-0000-0000-0000-0000000000cc";
        var container = await StartAsync("setsid sleep 1000 & echo $!; echo $TMPDIR", runnerId: Earlier);
        var child = await ReadLineAsync(container.Output);
        var directory = await ReadLineAsync(container.Output);
        await container.Ended;

        await Driver.RemoveLeftoversAsync([Earlier], Cancel);

        Assert.False(Runs(child));
        Assert.False(Directory.Exists(directory));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Create_SeveralContainers_MissingLimitsAreNamedOnce()
    {
        for (var i = 0; i < 3; i++)
            await (await Driver.CreateAsync(await SpecAsync("true"), Cancel)).Container!.RemoveAsync();

        Assert.Single(_fixture.Log.Collector.GetSnapshot(), record => record.Level == LogLevel.Warning && record.Id.Id == 2501);
    }

    // A zombie, which only its parent can remove, does not run.
    private static bool Runs(string pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
