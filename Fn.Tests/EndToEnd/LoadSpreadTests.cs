using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>How calls spread over two runners.</summary>
[Collection(LoadRuns.Name)]
public sealed class LoadSpreadTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Call_OneAfterTheOther_PrefersOneRunner()
    {
        await using var platform = await Platform.StartAsync(runners: 2);
        var id = await platform.CreateFaultyAsync();

        var answers = new List<CallResult>();
        for (var i = 0; i < 20; i++)
            answers.Add(await platform.CallAsync(id));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Single(answers.Select(answer => answer.Runner).Distinct());
        Assert.Equal(1, answers.Count(answer => answer.Start == "cold"));
    }

    [Fact]
    public async Task Call_PreferredRunnerFull_GoesToTheOther()
    {
        await using var platform = await Platform.StartAsync(runners: 2, "--Fn:Runner:Memory=64MiB", LoadHolder.NoGrace);
        var id = await platform.CreateFaultyAsync(timeout: 300);
        var preferred = (await platform.CallAsync(id)).Runner;
        await using var holder = await LoadHolder.HoldAsync(platform, id);

        var answers = new List<CallResult>();
        for (var i = 0; i < 10; i++)
            answers.Add(await platform.CallAsync(id, "sleep 5"));

        Assert.True(holder.Holds);
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.DoesNotContain(preferred, answers.Select(answer => answer.Runner));
    }

    [Fact]
    public async Task Call_ManyOfASlowFunctionAtOnce_UseTheMemoryOfBoth()
    {
        await using var platform = await Platform.StartAsync(runners: 2, "--Fn:Runner:Memory=128MiB");
        var id = await platform.CreateFaultyAsync();

        var answers = await Task.WhenAll(platform.CallMany(id, 40, "sleep 300"));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        output.WriteLine(string.Join(", ", answers.CountBy(answer => answer.Runner ?? "none")));
        for (var runner = 0; runner < 2; runner++)
        {
            var status = await platform.StatusAsync(runner);
            Assert.Equal(status.MemoryBudget, status.MemoryReserved);
            Assert.Equal(2, Assert.Single(status.Pools).Started);
        }
    }
}
