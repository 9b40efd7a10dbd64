using System.Globalization;
using System.Text.Json.Nodes;
using Fn.Tests.Functions;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>A function that asks for two containers to be kept, from its deployment to an update that breaks it.</summary>
public sealed class MinHotTests
{
    [Fact]
    public async Task MinHot_DeployedKilledUpdatedBroken_NoCallIsCold()
    {
        await using var platform = await Platform.StartAsync(runners: 2, "--Logging:LogLevel:Fn.Api=Information");
        var id = await platform.CreateFaultyAsync(minHot: 2);

        // One on each runner, without a call.
        await Eventually.HoldsAsync(async () => await KeptAsync(platform) is [(1, 1), (1, 1)], "a container is hot on each runner");
        var first = await platform.CallAsync(id, "pid");
        Assert.Equal((200, "hot"), (first.Status, first.Start));

        var killed = int.Parse(first.Body, CultureInfo.InvariantCulture);
        using (var container = System.Diagnostics.Process.GetProcessById(killed))
            container.Kill();
        // The runner learns of its end a moment later than we do.
        await Eventually.HoldsAsync(async () => await KeptAsync(platform) is [(1, 2), (1, 1)] or [(1, 1), (1, 2)], "another one is hot in its place");
        Assert.Equal("hot", (await platform.CallAsync(id)).Start);

        // Calls without a pause, across the update.
        var config = new JsonObject { ["GREETING"] = "changed" };
        await platform.UpdateAsync(id, new JsonObject { ["config"] = config });
        var calls = new List<CallResult>();
        do
            calls.Add(await platform.CallAsync(id, "env"));
        while (!calls[^1].Body.Contains("GREETING=changed", StringComparison.Ordinal));
        Assert.All(calls, call => Assert.Equal((200, "hot"), (call.Status, call.Start)));
        Assert.True(calls.Count > 1, "The update took effect before anything was warm.");

        // One that cannot start gets the calls, and says why.
        await platform.UpdateAsync(id, new JsonObject { ["image"] = $"process:{FaultyFunction.Root}/none" });
        await Eventually.HoldsAsync(async () => (await platform.CallAsync(id)).Status >= 400, "calls see that the update is broken");
        await Eventually.HoldsAsync(() => platform.Gateway.Output.Contains("to its new revision although only 0 of 2", StringComparison.Ordinal), "the log says so");
    }

    /// <summary>Of each runner, the idle containers that are to be kept, and how many were started for that.</summary>
    private static async Task<List<(int Idle, long Started)>> KeptAsync(Platform platform)
    {
        var kept = new List<(int, long)>();
        for (var runner = 0; runner < platform.Runners.Count; runner++)
        {
            var pools = (await platform.StatusAsync(runner)).Pools.Where(pool => pool.Floor > 0).ToList();
            kept.Add((pools.Sum(pool => pool.Idle), pools.Sum(pool => pool.Started)));
        }
        return kept;
    }
}
