using Fn.Tests.Api.Store.Postgres;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Parts of a cluster that end while calls run.</summary>
[Collection(FaultRuns.Name)]
public sealed class ClusterFaultsTests(PostgresServer postgres)
{
    private const int Clients = 8;
    private const int SigStop = 19;
    private const int SigContinue = 18;

    [Fact]
    public async Task Kill_RunnerUnderLoad_FailsOnlyTheCallsInsideIt()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 2, runners: 3);
        var functions = await cluster.CreateManyAsync(4);
        await using var load = new ClusterLoad(cluster, functions, Clients);
        await load.AnswerAsync(200);
        var victim = (await cluster.CallAsync(0, functions[0])).Runner!;
        var number = (await cluster.SeenByAsync(0)).Find(runner => runner.Id == victim)!.Address is var address
            ? cluster.Runners.FindIndex(runner => runner.Address == new Uri(address)) : -1;

        await cluster.Runners[number].KillAsync();
        await load.AnswerAsync(200);
        await cluster.HasRunnersAsync(2);
        await load.AnswerAsync(200);
        var failed = await load.StopAsync();

        Assert.InRange(failed.Count, 0, Clients);
        Assert.All(failed, outcome =>
        {
            Assert.True(outcome is { Status: 502, IsWhole: true } or { Status: 200, IsWhole: false }, outcome.ToString());
            Assert.NotNull(outcome.CallId);
            Assert.Equal(victim, outcome.Runner);
        });
        // What it left is gone when it is back, and it is used again.
        await cluster.RestartRunnerAsync(number);
        await cluster.HasRunnersAsync(3);
        Assert.Contains(await cluster.SeenByAsync(1), runner => runner.Id == victim && runner.Hot.Count == 0);
        cluster.Runners[number].Terminate();
        await cluster.Runners[number].WaitForExitAsync();
        Leftovers.AssertNoneOf(victim);
    }

    [Fact]
    public async Task Terminate_RunnerUnderLoad_NoCallFails()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 2, runners: 3);
        var functions = await cluster.CreateManyAsync(4);
        await using var load = new ClusterLoad(cluster, functions, Clients);
        await load.AnswerAsync(200);

        cluster.Runners[0].Terminate();
        await cluster.Runners[0].WaitForExitAsync();
        await cluster.HasRunnersAsync(2);
        await load.AnswerAsync(200);

        Assert.Empty(await load.StopAsync());
        Assert.Equal(0, cluster.Runners[0].ExitCode);
    }

    [Fact]
    public async Task Restart_AllOneAfterTheOther_FailsNothingButConnectionsToTheGatewayThatEnds()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 2, runners: 3);
        var functions = await cluster.CreateManyAsync(4);
        await using var load = new ClusterLoad(cluster, functions, Clients);
        await load.AnswerAsync(100);

        for (var i = 0; i < cluster.Runners.Count; i++)
        {
            cluster.Runners[i].Terminate();
            await cluster.Runners[i].WaitForExitAsync();
            await cluster.RestartRunnerAsync(i);
            await cluster.HasRunnersAsync(3);
            await load.AnswerAsync(100);
        }
        for (var i = 0; i < cluster.Gateways.Count; i++)
        {
            cluster.Gateways[i].Terminate();
            await cluster.Gateways[i].WaitForExitAsync();
            await cluster.RestartGatewayAsync(i);
            await cluster.HasRunnersAsync(3);
            await load.AnswerAsync(100);
        }

        Assert.All(await load.StopAsync(), outcome => Assert.Equal(0, outcome.Status));
    }

    [Fact]
    public async Task Redis_StoppedUnderLoad_NoCallFailsAndTheViewIsRightAgainAfterwards()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 2, runners: 3);
        var functions = await cluster.CreateManyAsync(4);
        await using var load = new ClusterLoad(cluster, functions, Clients);
        await load.AnswerAsync(200);

        await cluster.Redis.StopAsync();
        await Eventually.HoldsAsync(async () => await HealthAsync(cluster, 0) == (200, true), "the gateway says that it is degraded");
        // For longer than the lease: nobody is forgotten for not being heard of.
        await Task.Delay(Cluster.Lease * 2, TimeProvider.System, TestContext.Current.CancellationToken);
        await load.AnswerAsync(200);
        Assert.Equal(3, (await cluster.SeenByAsync(0)).Count);
        await cluster.Redis.StartAgainAsync();
        await Eventually.HoldsAsync(async () => await HealthAsync(cluster, 0) == (200, false) && await HealthAsync(cluster, 1) == (200, false), "the gateways are well again");
        await load.AnswerAsync(200);

        Assert.Empty(await load.StopAsync());
        await ConvergesAsync(cluster);
    }

    [Fact]
    public async Task Redis_FlushedUnderLoad_NoCallFailsAndNewcomersSeeEverything()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 1, runners: 3);
        var functions = await cluster.CreateManyAsync(4);
        await using var load = new ClusterLoad(cluster, functions, Clients);
        await load.AnswerAsync(200);

        await cluster.Redis.AskAsync(async (redis, _) => await redis.ExecuteAsync("FLUSHALL"));
        await load.AnswerAsync(200);
        Assert.Empty(await load.StopAsync());
        cluster.Gateways.Add(await cluster.StartGatewayAsync(1));
        cluster.Clients.Add(Cluster.Client(cluster.Gateways[1]));

        await cluster.HasRunnersAsync(3);
        await ConvergesAsync(cluster);
    }

    [Fact]
    public async Task Stop_RunnerIsWedged_CallsGoElsewhereUntilItIsWellAgain()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 1, runners: 2);
        var function = await cluster.CreateAsync("f");
        var wedged = (await cluster.CallAsync(0, function)).Runner!;
        var address = new Uri((await cluster.SeenByAsync(0)).Find(runner => runner.Id == wedged)!.Address);
        var process = cluster.Runners.Find(runner => runner.Address == address)!;

        Cluster.Signal(process, SigStop);
        await cluster.HasRunnersAsync(1);
        var meanwhile = await cluster.CallAsync(0, function);
        Cluster.Signal(process, SigContinue);
        await cluster.HasRunnersAsync(2);

        Assert.Equal(200, meanwhile.Status);
        Assert.NotEqual(wedged, meanwhile.Runner);
    }

    private static async Task<(int Status, bool Degraded)> HealthAsync(Cluster cluster, int gateway)
    {
        using var answer = await cluster.Clients[gateway].GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, text.StartsWith("""{"status":"Degraded""", StringComparison.Ordinal));
    }

    /// <summary>Every gateway comes to see of every runner what it says of itself.</summary>
    private static async Task ConvergesAsync(Cluster cluster)
    {
        for (var gateway = 0; gateway < cluster.Gateways.Count; gateway++)
        {
            await Eventually.HoldsAsync(async () =>
            {
                foreach (var runner in await cluster.SeenByAsync(gateway))
                {
                    var truth = await cluster.TruthAsync(runner);
                    if (!truth.SequenceEqual(runner.Hot.Select(pool => (pool.FnId, pool.Idle, pool.Busy)).Order()))
                        return false;
                }
                return true;
            }, $"gateway {gateway} sees of every runner what it says of itself", TimeSpan.FromSeconds(20));
        }
    }
}
