using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Drivers;

/// <summary>What every driver does. A driver's own test class says how a shell script becomes a function of its kind.</summary>
public abstract class ContainerDriverTests
{
    private protected const string RunnerId = "5d1b5f3c-0000-0000-0000-0000000000aa";

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract IContainerDriver Driver { get; }

    /// <summary>A function that runs a script without double quotes in <c>/bin/sh</c>.</summary>
    private protected abstract ValueTask<FunctionSpec> ShellAsync(string script);

    [Fact]
    public async Task Pull_KnownImage_IsThere()
    {
        Assert.Null(await Driver.PullAsync((await ShellAsync("true")).Image, Cancel));
    }

    [Fact]
    public async Task Start_FunctionReadsAndWrites_StreamsAreItsOwn()
    {
        var container = await StartAsync("read line; echo got $line; echo logged >&2");
        await container.Input.WriteAsync("hello\n"u8.ToArray(), Cancel);

        Assert.Equal("got hello\n", await ReadAllAsync(container.Output));
        Assert.Equal("logged\n", await ReadAllAsync(container.Log));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Input_Disposed_IsTheEndOfInput()
    {
        var container = await StartAsync("cat; echo end");
        await container.Input.WriteAsync("hello "u8.ToArray(), Cancel);
        await container.Input.DisposeAsync();

        Assert.Equal("hello end\n", await ReadAllAsync(container.Output));
        await container.RemoveAsync();
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("kill -9 $$", 137)]
    [InlineData("kill -15 $$", 143)]
    public async Task Ended_WhateverTheCause_HasTheExitCode(string script, int code)
    {
        var container = await StartAsync(script);

        Assert.Equal(code, (await container.Ended.WaitAsync(Cancel)).Code);
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Environment_OfTheSpec_IsTheFunctions()
    {
        var container = await StartAsync("echo $GREETING", new() { ["GREETING"] = "good day, ünïcode" });

        Assert.Equal("good day, ünïcode\n", await ReadAllAsync(container.Output));
        await container.RemoveAsync();
    }

    [Theory]
    [InlineData("BIG", 131072, "BIG takes")]
    [InlineData("A=B", 1, "A=B")]
    [InlineData("", 1, "name of an environment variable")]
    public async Task Create_EnvironmentThatNoProcessCanHave_FailsAndNamesIt(string key, int length, string detail)
    {
        var (container, failure) = await Driver.CreateAsync(await SpecAsync("true", new() { [key] = new string('x', length) }), Cancel);

        Assert.Null(container);
        Assert.Equal(CallError.InitializationFailed, failure!.Error);
        Assert.Contains(detail, failure.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_LargestEnvironmentValue_Runs()
    {
        var container = await StartAsync("echo ${#BIG}", new() { ["BIG"] = new string('x', 131072 - "BIG=".Length - 1) });

        Assert.Equal("131067\n", await ReadAllAsync(container.Output));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Remove_WhileStreamsAreRead_ReadersComeToTheEnd()
    {
        var container = await StartAsync("echo started; cat");
        var output = ReadAllAsync(container.Output);
        var log = ReadAllAsync(container.Log);

        await container.RemoveAsync();

        Assert.True(await output is "started\n" or "");
        Assert.Equal("", await log);
        Assert.Equal(137, (await container.Ended).Code);
    }

    [Fact]
    public async Task Remove_FunctionWritesWithoutEndAndItsReaderHasStopped_Ends()
    {
        var container = await StartAsync("while :; do echo and on and on; done");
        await ReadLineAsync(container.Output);

        await container.RemoveAsync();

        Assert.Equal(137, (await container.Ended).Code);
    }

    [Fact]
    public async Task Remove_FunctionIgnoresSigterm_Ends()
    {
        var container = await StartAsync("trap '' TERM; echo ready; while :; do sleep 1000; done");
        await ReadLineAsync(container.Output);

        await container.RemoveAsync();

        Assert.Equal(137, (await container.Ended).Code);
    }

    [Fact]
    public async Task Remove_Twice_IsOneRemoval()
    {
        var container = await StartAsync("cat");

        var first = container.RemoveAsync();
        var second = container.RemoveAsync();

        await Task.WhenAll(first, second);
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Remove_NeverStarted_Completes()
    {
        var (container, _) = await Driver.CreateAsync(await SpecAsync("true"), Cancel);

        await container!.RemoveAsync();
    }

    [Fact]
    public async Task Remove_FunctionHasEnded_Completes()
    {
        var container = await StartAsync("exit 4");
        await container.Ended;

        await container.RemoveAsync();

        Assert.Equal(4, (await container.Ended).Code);
    }

    [Fact]
    public async Task RemoveLeftovers_OfTheirRunner_GoesAndOthersStay()
    {
        const string OtherRunner = "5d1b5f3c-0000-0000-0000-0000000000bb";
        var gone = await StartAsync("cat");
        var kept = await StartAsync("read line; echo alive", runnerId: OtherRunner);

        await Driver.RemoveLeftoversAsync([RunnerId], Cancel);

        Assert.Equal(137, (await gone.Ended.WaitAsync(Cancel)).Code);
        await kept.Input.WriteAsync("\n"u8.ToArray(), Cancel);
        Assert.Equal("alive\n", await ReadAllAsync(kept.Output));
        await gone.RemoveAsync();
        await kept.RemoveAsync();
    }

    private protected async ValueTask<ContainerSpec> SpecAsync(string script, Dictionary<string, string>? environment = null, string runnerId = RunnerId) =>
        new() { Id = FnId.New(TimeProvider.System), RunnerId = runnerId, Function = await ShellAsync(script), Environment = environment ?? [] };

    private protected async Task<IContainer> StartAsync(string script, Dictionary<string, string>? environment = null, string runnerId = RunnerId)
    {
        var (container, failure) = await Driver.CreateAsync(await SpecAsync(script, environment, runnerId), Cancel);
        Assert.Null(failure);
        Assert.Null(await container!.StartAsync(Cancel));
        return container;
    }

    private protected static async Task<string> ReadAllAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        return await reader.ReadToEndAsync(Cancel);
    }

    private protected static async Task<string> ReadLineAsync(Stream stream)
    {
        var line = new List<byte>();
        var next = new byte[1];
        while (await stream.ReadAsync(next, Cancel) == 1 && next[0] != '\n')
            line.Add(next[0]);
        return System.Text.Encoding.UTF8.GetString([.. line]);
    }
}
