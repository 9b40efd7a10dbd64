using Fn.Tests.Api.Store.Postgres;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Several gateways and runners with one view of what is hot.</summary>
public sealed class ClusterTests(PostgresServer postgres)
{
    // Beside other tests a process may get no time for a while.
    private const string Unhurried = "--Fn:Cluster:Lease=30s";

    [Fact]
    public async Task Call_FromEitherGateway_LandsWhereItIsHot()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 2, runners: 3, Unhurried);
        var functions = await cluster.CreateManyAsync(3);
        foreach (var function in functions)
        {
            var cold = await cluster.CallAsync(0, function);
            Assert.Equal((200, "cold"), (cold.Status, cold.Start));
            await Eventually.HoldsAsync(async () => (await cluster.HotAsync(1)).Contains(function), "the other gateway knows of the container");

            for (var i = 0; i < 10; i++)
            {
                var hot = await cluster.CallAsync(i % 2, function);
                Assert.Equal((200, "hot", cold.Runner), (hot.Status, hot.Start, hot.Runner));
            }
        }

        Assert.Equal(functions.Order(), (await cluster.HotAsync(0)).Order());
    }

    [Fact]
    public async Task Call_OneAfterAnotherAtBothGateways_NeedsNoSecondContainer()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 2, runners: 3, Unhurried);
        var function = await cluster.CreateAsync("f");
        await cluster.CallAsync(0, function);
        await Eventually.HoldsAsync(async () => (await cluster.HotAsync(1)).Count == 1, "the other gateway knows of the container");

        for (var i = 0; i < 300; i++)
            Assert.Equal("hot", (await cluster.CallAsync(i % 2, function)).Start);

        Assert.Single(await cluster.HotAsync(0));
    }

    [Fact]
    public async Task Call_FunctionAsksForOneContainerAtMost_HasOneInTheWholeCluster()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 2, runners: 3, Unhurried);
        var function = await cluster.CreateAsync("f", maxContainers: 1);
        await cluster.CallAsync(0, function);
        await Eventually.HoldsAsync(async () => (await cluster.HotAsync(1)).Count == 1, "the other gateway knows of the container");

        // Longer than a start takes: any other function would scale out.
        var calls = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => cluster.CallAsync(i % 2, function, "sleep 300")));

        Assert.All(calls, call => Assert.Equal((200, "hot"), (call.Status, call.Start)));
        Assert.Single(await cluster.HotAsync(0));
    }

    [Fact]
    public async Task Update_AtOneGateway_ReachesTheOtherWithinASecond()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 2, runners: 1, Unhurried);
        var function = await cluster.CreateAsync("f");
        await cluster.CallAsync(1, function);

        using var change = System.Net.Http.Json.JsonContent.Create(new { config = new { GREETING = "changed" } });
        using var answer = await cluster.Clients[0].PutAsync(new Uri($"/v2/fns/{function}", UriKind.Relative), change, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);

        // A new revision, so a new container: cold exactly when the other gateway has heard of it.
        await Eventually.HoldsAsync(async () => (await cluster.CallAsync(1, function)).Start == "cold", "the other gateway runs the new revision", TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Drain_ThroughAGateway_RunnerTakesNoMoreCalls()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 2, runners: 2, Unhurried);
        var function = await cluster.CreateAsync("f");
        var first = (await cluster.CallAsync(0, function)).Runner;

        using var drained = await cluster.Clients[1].PostAsync(new Uri($"/v2/runners/{first}/drain", UriKind.Relative), null, TestContext.Current.CancellationToken);

        Assert.Equal(204, (int)drained.StatusCode);
        for (var gateway = 0; gateway < 2; gateway++)
        {
            var next = await cluster.CallAsync(gateway, function);
            Assert.Equal(200, next.Status);
            Assert.NotEqual(first, next.Runner);
        }
        await Eventually.HoldsAsync(async () => (await cluster.SeenByAsync(0)).Exists(runner => runner.Id == first && runner.Draining), "it shows as draining");
    }

    [Fact]
    public async Task Evict_ThroughAGateway_IdleContainersEnd()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 1, runners: 1, Unhurried);
        var (one, two) = (await cluster.CreateAsync("one"), await cluster.CreateAsync("two"));
        var runner = (await cluster.CallAsync(0, one)).Runner;
        await cluster.CallAsync(0, two);

        using var some = await cluster.Clients[0].PostAsync(new Uri($"/v2/runners/{runner}/evict?fn_id={one}", UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.Equal("""{"evicted":1}""", await some.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await Eventually.HoldsAsync(async () => (await cluster.HotAsync(0)).SequenceEqual([two]), "only the other function is hot");

        using var all = await cluster.Clients[0].PostAsync(new Uri($"/v2/runners/{runner}/evict", UriKind.Relative), null, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(async () => (await cluster.HotAsync(0)).Count == 0, "nothing is hot");
        using var none = await cluster.Clients[0].PostAsync(new Uri("/v2/runners/nobody/evict", UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.Equal(404, (int)none.StatusCode);
    }
}
