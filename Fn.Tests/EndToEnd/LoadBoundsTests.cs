using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>How long calls wait, and how many: each bound by itself, and that the answer names it.</summary>
[Collection(LoadRuns.Name)]
public sealed class LoadBoundsTests
{
    private const string TooBusy = "{\"message\":\"Timed out - server too busy\"}\n";

    /// <summary>What is asked for when nothing can be predicted.</summary>
    private const int UsualRetry = 15;

    private const string BudgetForOne = "--Fn:Runner:Memory=64MiB";

    [Fact]
    public async Task Call_LongerInTheQueueThanAllowed_Is503AndNamesTheLimit()
    {
        await using var platform = await Platform.StartAsync(runners: 1, BudgetForOne, LoadHolder.NoGrace, "--Fn:Calls:QueueTimeout=1s");
        var (id, other) = (await platform.CreateFaultyAsync(timeout: 300), await platform.CreateFaultyAsync("other"));
        await using var holder = await LoadHolder.HoldAsync(platform, id);

        var waited = await Task.WhenAll(platform.CallAsync(id), platform.CallAsync(other));

        Assert.All(waited, answer => Assert.Equal(
            (503, TooBusy, null, UsualRetry, "Fn:Calls:QueueTimeout=1s"), (answer.Status, answer.Body, answer.Start, answer.RetryAfter, answer.Limit)));
        Assert.Equal(0, (await platform.StatusAsync()).Waiting);
    }

    [Fact]
    public async Task Call_PredictedToWaitTooLong_IsRefusedAtOnceWithThePrediction()
    {
        const int queueTimeout = 30, calls = 50;
        await using var platform = await Platform.StartAsync(runners: 1, BudgetForOne, LoadHolder.NoGrace, $"--Fn:Calls:QueueTimeout={queueTimeout}s");
        var id = await platform.CreateFaultyAsync(timeout: 300);
        // The first exchange counts as start; from the second on it is known that a call takes at least a second.
        await platform.CallAsync(id);
        await platform.CallAsync(id, "sleep 1000");
        await using var holder = await LoadHolder.HoldAsync(platform, id);
        using var enough = new CancellationTokenSource();

        var waiting = Enumerable.Range(0, calls).Select(_ => platform.CallUnlessAsync(id, behaviour: null, body: "", enough.Token)).ToList();
        var refused = new List<CallResult>();
        while (refused.Count < calls - queueTimeout)
        {
            var answered = await Task.WhenAny(waiting);
            waiting.Remove(answered);
            refused.Add(await answered);
        }

        Assert.True(holder.Holds);
        Assert.All(refused, answer => Assert.Equal((503, TooBusy, $"Fn:Calls:QueueTimeout={queueTimeout}s"), (answer.Status, answer.Body, answer.Limit)));
        Assert.All(refused, answer => Assert.InRange(answer.RetryAfter!.Value, queueTimeout + 1, 2 * calls));
        await enough.CancelAsync();
    }

    [Fact]
    public async Task Call_QueueFull_IsRefusedAtOnceAndNamesTheLimit()
    {
        await using var platform = await Platform.StartAsync(runners: 1, BudgetForOne, LoadHolder.NoGrace, "--Fn:Calls:MaxQueued=3");
        var (id, other) = (await platform.CreateFaultyAsync(timeout: 300), await platform.CreateFaultyAsync("other"));
        await using var holder = await LoadHolder.HoldAsync(platform, id);
        Task<CallResult>[] queued = [platform.CallAsync(id), platform.CallAsync(id), platform.CallAsync(other)];
        await platform.StatusWhenAsync(status => status.Waiting == 3, "three calls wait");

        var refused = await Task.WhenAll(platform.CallAsync(id), platform.CallAsync(other));

        Assert.All(refused, answer => Assert.Equal(
            (503, TooBusy, UsualRetry, "Fn:Calls:MaxQueued=3"), (answer.Status, answer.Body, answer.RetryAfter, answer.Limit)));
        await holder.LetGoAsync();
        Assert.All(await Task.WhenAll(queued), answer => Assert.Equal(200, answer.Status));
    }

    [Fact]
    public async Task Call_FunctionLargerThanTheBudget_Is400AtOnce()
    {
        await using var platform = await Platform.StartAsync(runners: 1, BudgetForOne);
        var id = await platform.CreateFaultyAsync(memoryMiB: 65);

        var answer = await platform.CallAsync(id);

        Assert.Equal(
            (400, "{\"message\":\"Requested CPU/Memory cannot be allocated\"}\n", $"memory budget={64 * 1024 * 1024}", null),
            (answer.Status, answer.Body, answer.Limit, answer.RetryAfter));
    }

    [Fact]
    public async Task Container_IdleForItsIdleTimeout_GoesWithItsMemory()
    {
        await using var platform = await Platform.StartAsync(runners: 1);
        var id = await platform.CreateFaultyAsync(idleTimeout: 1);
        Assert.Equal("cold", (await platform.CallAsync(id)).Start);

        var pool = Assert.Single((await platform.StatusWhenAsync(status => status.MemoryReserved == 0, "the container is gone")).Pools);

        Assert.Equal((0, 0, 0, 1), (pool.Idle, pool.Busy, pool.Stopping, pool.Started));
        Assert.Equal("cold", (await platform.CallAsync(id)).Start);
    }
}
