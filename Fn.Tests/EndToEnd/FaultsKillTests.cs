using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Processes of the platform that are killed while calls run, and started again.</summary>
[Collection(FaultRuns.Name)]
public sealed class FaultsKillTests
{
    private const string NoAnswer = "error receiving function response";

    [Fact]
    public async Task Kill_RunnerUnderLoad_FailsItsCallsOnceAndTheNextRunnerStartsClean()
    {
        await using var platform = await Platform.StartAsync(1);
        string[] functions = [await platform.CreateFaultyAsync("one"), await platform.CreateFaultyAsync("two")];
        await using var load = new FaultsLoad(platform, functions, clients: 8);
        await load.AnswerAsync(25);
        var stubborn = await RunStubbornAsync(platform, functions[0]);

        await platform.Runners[0].KillAsync();
        await RestartRunnerAsync(platform, 0);

        // They were gone before the runner said that it listens.
        Assert.DoesNotContain(stubborn.Processes, Leftovers.IsAlive);
        await load.AnswerAsync(25);
        AssertFailedAsLost(await load.StopAsync());
        AssertFailedAsLost([await stubborn.Call]);
        await AssertEndsCleanAsync(platform, stubborn.Runner);
    }

    [Fact]
    public async Task Kill_GatewayUnderLoad_KeepsTheStoreAndTheHotContainers()
    {
        await using var platform = await Platform.StartAsync(1, "--Fn:Calls:AbandonedGrace=200ms");
        var function = await platform.CreateFaultyAsync();
        var idle = await platform.CreateFaultyAsync("idle", idleTimeout: 300);
        var process = (await platform.CallAsync(idle, "pid")).Body;
        var stubbornFunction = await platform.CreateFaultyAsync("stubborn", timeout: 300);
        var stubbornProcess = int.Parse((await platform.CallAsync(stubbornFunction, "pid")).Body, null);
        var stubborn = await RunStubbornAsync(platform, stubbornFunction);
        await using var load = new FaultsLoad(platform, [function], clients: 4);
        await load.AnswerAsync(25);

        await platform.Gateway.KillAsync();
        // Nobody waits for it any more.
        await Eventually.HoldsAsync(() => !Leftovers.IsAlive(stubbornProcess), "the stubborn function is gone");
        await platform.StartGatewayAsync();
        await load.AnswerAsync(25);

        Assert.All(await load.StopAsync(), outcome => Assert.False(outcome.IsWhole, outcome.ToString()));
        Assert.Equal(0, (await stubborn.Call).Status);
        var again = await platform.CallAsync(idle, "pid");
        Assert.Equal((200, process, "hot"), (again.Status, again.Body, again.Start));
        await AssertEndsCleanAsync(platform, stubborn.Runner);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Kill_EverythingUnderLoad_StartsAgainCleanAndServes(int runners)
    {
        await using var platform = await Platform.StartAsync(runners);
        var function = await platform.CreateFaultyAsync();
        await using var load = new FaultsLoad(platform, [function], clients: 4);
        await load.AnswerAsync(25);
        var stubborn = await RunStubbornAsync(platform, function);

        await platform.Gateway.KillAsync();
        if (runners > 0)
        {
            await platform.Runners[0].KillAsync();
            await RestartRunnerAsync(platform, 0);
        }
        await platform.StartGatewayAsync();

        Assert.DoesNotContain(stubborn.Processes, Leftovers.IsAlive);
        await load.AnswerAsync(25);
        await load.StopAsync();
        Assert.Equal(stubborn.Runner, (await platform.CallAsync(function, "echo")).Runner);
        await AssertEndsCleanAsync(platform, stubborn.Runner);
    }

    [Fact]
    public async Task Kill_OneOfTwoRunners_FailsOnlyTheCallsInsideIt()
    {
        const int clients = 8;
        await using var platform = await Platform.StartAsync(2);
        string[] functions = [await platform.CreateFaultyAsync("one"), await platform.CreateFaultyAsync("two")];
        await using var load = new FaultsLoad(platform, functions, clients);
        await load.AnswerAsync(50);
        var runner = await platform.FavouriteAsync(functions[0]);
        var victim = (await platform.StatusAsync(runner)).RunnerId;
        var survivor = (await platform.StatusAsync(1 - runner)).RunnerId;

        await platform.Runners[runner].KillAsync();
        await load.AnswerAsync(50);

        var failed = await load.StopAsync();
        AssertFailedAsLost(failed);
        Assert.InRange(failed.Count, 0, clients);
        Assert.All(failed, outcome => Assert.Equal(victim, outcome.Runner));
        foreach (var function in functions)
        {
            var answer = await platform.CallAsync(function, "echo");
            Assert.Equal((200, survivor), (answer.Status, answer.Runner));
        }
        await RestartRunnerAsync(platform, runner);
        await Eventually.HoldsAsync(async () => (await platform.CallAsync(functions[0], "echo")).Runner == victim, "the gateway gives calls to it again");
        await AssertEndsCleanAsync(platform, victim);
    }

    /// <summary>Lost in the middle: 502 with the call's id, or an answer that breaks off. Not placed at all: 503.</summary>
    private static void AssertFailedAsLost(IEnumerable<CallOutcome> failed) => Assert.All(failed, outcome =>
    {
        var asItShould = outcome is { Status: 200, IsWhole: false }
            || (outcome.Status, outcome.Message) is (502, NoAnswer)
            || ((outcome.Status, outcome.Message) is (503, "Timed out - server too busy") && outcome.Headers.ContainsKey("Retry-After"));
        Assert.True(asItShould, outcome.ToString());
        Assert.NotNull(outcome.CallId);
    });

    /// <summary>Begins a call that never ends, in a process that does not notice the death of its runner.</summary>
    private static async Task<(Task<CallOutcome> Call, List<int> Processes, string Runner)> RunStubbornAsync(Platform platform, string function)
    {
        var runner = (await platform.CallAsync(function, "echo")).Runner!;
        var file = Path.GetTempFileName();
        var call = CallOutcome.OfAsync(platform.Http, function, $"count-executions {file} nothing");
        await Eventually.HoldsAsync(() => new FileInfo(file).Length > 0, "the function has seen the call");
        File.Delete(file);
        return (call, Leftovers.ProcessesOf(runner), runner);
    }

    private static async Task RestartRunnerAsync(Platform platform, int runner)
    {
        var address = platform.Runners[runner].Address.ToString();
        await platform.Runners[runner].DisposeAsync();
        platform.Runners[runner] = await platform.StartRunnerAsync(runner, address);
    }

    private static async Task AssertEndsCleanAsync(Platform platform, string runner)
    {
        foreach (var service in platform.Runners.Append(platform.Gateway))
        {
            service.Terminate();
            await service.WaitForExitAsync();
            Assert.True(service.ExitCode == 0, service.Output);
        }
        Leftovers.AssertNoneOf(runner);
    }
}
