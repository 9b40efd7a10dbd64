using System.Globalization;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>What functions do to each other when memory is short.</summary>
[Collection(LoadRuns.Name)]
public sealed class LoadFairnessTests(ITestOutputHelper output)
{
    /// <summary>Room for four containers of 64 MiB.</summary>
    private const string BudgetForFour = "--Fn:Runner:Memory=256MiB";

    [Fact]
    public async Task Call_WhileFourBusyFunctionsFillTheMemory_IsAnsweredAndTheyGoOn()
    {
        await using var platform = await Platform.StartAsync(runners: 1, BudgetForFour);
        var ids = await CreateAsync(platform, 5);
        var busy = ids.Take(4).Select(id => new LoadClients(platform, id, clients: 2, "sleep 2")).ToList();
        await AnswerAsync("warming up", busy, 100);
        var full = await platform.StatusWhenAsync(status => status.MemoryReserved == status.MemoryBudget, "the memory is full");
        await AnswerAsync("before", busy, 300);

        var fifth = await platform.CallAsync(ids[4]);

        // Each client has one call under way that may have been begun before.
        await AnswerAsync("after", busy, 300);
        await Task.WhenAll(busy.Select(clients => clients.StopAsync()));
        Assert.Equal((200, "cold"), (fifth.Status, fifth.Start));
        Assert.All(busy, clients => Assert.Empty(clients.Failed));
        output.WriteLine($"{full}\n{string.Join('\n', (await platform.StatusAsync()).Pools)}");
    }

    [Fact]
    public async Task Call_MemoryFullOfIdleContainers_EvictsTheLeastRecentlyUsed()
    {
        await using var platform = await Platform.StartAsync(runners: 1, BudgetForFour);
        var ids = await CreateAsync(platform, 5);
        foreach (var used in (int[])[0, 1, 2, 3, 0])
            await platform.CallAsync(ids[used]);

        await platform.CallAsync(ids[4]);

        var starts = new List<string?>();
        foreach (var used in (int[])[4, 3, 2, 0, 1])
            starts.Add((await platform.CallAsync(ids[used])).Start);
        Assert.Equal(["hot", "hot", "hot", "hot", "cold"], starts);
    }

    private static async Task<List<string>> CreateAsync(Platform platform, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
            ids.Add(await platform.CreateFaultyAsync($"function{i}"));
        return ids;
    }

    private async Task AnswerAsync(string phase, List<LoadClients> busy, int more)
    {
        var rates = await Task.WhenAll(busy.Select(clients => clients.AnswerAsync(more)));
        output.WriteLine($"{phase}: {string.Join(", ", rates.Select(rate => rate.ToString("0", CultureInfo.InvariantCulture)))} calls/s");
    }
}
