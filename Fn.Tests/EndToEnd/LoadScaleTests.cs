using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>How many containers the platform starts for many calls at once, and in which order it answers them.</summary>
[Collection(LoadRuns.Name)]
public sealed class LoadScaleTests(ITestOutputHelper output)
{
    /// <summary>Containers that a fast function may have: a few on an idle machine, more on one whose load makes runs take long. One for each call would be 100 or more.</summary>
    private const int AHandful = 40;

    /// <summary>For 16 containers of 64 MiB.</summary>
    private const string Budget16 = "--Fn:Runner:Memory=1GiB";

    [Fact]
    public async Task Call_ManyOfAFastFunction_LineUpOnAHandfulOfContainers()
    {
        await using var platform = await Platform.StartAsync(runners: 1);
        var id = await platform.CreateFaultyAsync();

        var answers = await Task.WhenAll(platform.CallMany(id, 200, "sleep 5"));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        var pool = Assert.Single((await platform.StatusAsync()).Pools);
        output.WriteLine($"{pool}");
        Assert.InRange(pool.Started, 1, AHandful);
    }

    [Fact]
    public async Task Call_ManyOfASlowFunction_ScaleOutToTheMemoryAndAreAnsweredInOrder()
    {
        const int groups = 4, size = 40, containers = 16;
        await using var platform = await Platform.StartAsync(runners: 1, Budget16);
        var id = await platform.CreateFaultyAsync();
        await platform.CallAsync(id);

        var calls = new List<Task<CallResult>>();
        for (var group = 1; group <= groups; group++)
        {
            calls.AddRange(platform.CallMany(id, size, "sleep 800"));
            // Nothing is known of the order of calls that are under way at once.
            await platform.StatusWhenAsync(status => status.Waiting + status.Running + calls.Count(call => call.IsCompleted) >= group * size, "all are in the queue");
        }
        var scaledOut = await platform.StatusWhenAsync(status => status.Pools[0].Busy == containers, "it has scaled out");
        var order = await calls.CompletionOrderAsync();

        Assert.All(await Task.WhenAll(calls), answer => Assert.Equal(200, answer.Status));
        output.WriteLine($"{scaledOut} {scaledOut.Pools[0]}");
        Assert.Equal(scaledOut.MemoryBudget, scaledOut.MemoryReserved);
        Assert.Equal(containers, (await platform.StatusAsync()).Pools[0].Started);
        for (var group = 0; group + 2 < groups; group++)
        {
            var last = order.Skip(group * size).Take(size).Max();
            var nextButOne = order.Skip((group + 2) * size).Min();
            Assert.True(last < nextButOne, $"A call of group {group} was answered as number {last}, one of group {group + 2} as number {nextButOne}.");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_BehindAVeryLongOne_IsAnsweredWhileThatRuns(bool longOneIsFirst)
    {
        await using var platform = await Platform.StartAsync(runners: 1, LoadHolder.NoGrace);
        var id = await platform.CreateFaultyAsync(timeout: 300);
        if (!longOneIsFirst)
            await platform.CallAsync(id, "sleep 5");
        await using var longOne = await LoadHolder.HoldAsync(platform, id);

        var answers = await Task.WhenAll(platform.CallMany(id, 100, "sleep 5"));

        Assert.True(longOne.Holds);
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        var pool = Assert.Single((await platform.StatusAsync()).Pools);
        output.WriteLine($"{pool}");
        Assert.InRange(pool.Started, 2, AHandful);
    }

    [Fact]
    public async Task Call_ManyFunctionsAtOnce_AllStartWithinTheStartBudget()
    {
        const int maxStarts = 3;
        await using var platform = await Platform.StartAsync(runners: 1, $"--Fn:Runner:MaxStarts={maxStarts}", "--Fn:Runner:Memory=8GiB");
        var ids = new List<string>();
        for (var i = 0; i < 60; i++)
            ids.Add(await platform.CreateFaultyAsync($"function{i}"));

        var answers = await Task.WhenAll(ids.Select(id => platform.CallAsync(id)));

        Assert.All(answers, answer => Assert.Equal((200, "cold"), (answer.Status, answer.Start)));
        Assert.InRange((await platform.StatusAsync()).StartingPeak, 2, maxStarts);
    }
}
