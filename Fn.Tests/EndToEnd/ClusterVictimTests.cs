using Fn.Tests.Api.Store.Postgres;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>
/// Whose container goes when memory is short on all runners. When each was used is known as exactly as their reports come at once, and these calls follow each
/// other within milliseconds.
/// </summary>
[Collection(LoadRuns.Name)]
public sealed class ClusterVictimTests(PostgresServer postgres)
{
    [Fact]
    public async Task Call_MemoryIsShort_TheVictimIsTheLeastRecentlyUsedOfTheCluster()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 2, runners: 3, "--Fn:Cluster:Lease=30s", "--Fn:Runner:Memory=256MiB");
        var functions = await cluster.CreateManyAsync(13);
        // Least recently used first.
        var model = new List<string>();
        var called = 0L;

        // In turn, as fast as they are answered: each call takes the container of the function that is called next. Then in some order, at both gateways.
        for (var i = 0; i < 3 * functions.Length; i++)
            await CallAsync(0, functions[i % functions.Length]);
        var random = new Random(1);
        for (var i = 0; i < 20; i++)
        {
            await KnowAsync();
            await CallAsync(i % 2, functions[random.Next(functions.Length)]);
        }
        await KnowAsync();

        async Task CallAsync(int gateway, string function)
        {
            called = TimeProvider.System.GetTimestamp();
            var answer = await cluster.CallAsync(gateway, function);
            Assert.Equal((200, model.Contains(function) ? "hot" : "cold"), (answer.Status, answer.Start));
            model.Remove(function);
            model.Add(function);
            if (model.Count > 12)
                model.RemoveAt(0);
        }

        // Both see exactly the containers that least-recently-used leaves; and long enough ago which one was used last, for reports take their time.
        async Task KnowAsync()
        {
            foreach (var gateway in (int[])[0, 1])
            {
                await Eventually.HoldsAsync(async () =>
                {
                    var hot = (await cluster.SeenByAsync(gateway)).SelectMany(runner => runner.Hot).Where(pool => pool.Idle + pool.Busy > 0).ToList();
                    var last = hot.Find(pool => pool.FnId == model[^1]);
                    return hot.Select(pool => pool.FnId).Order().SequenceEqual(model.Order())
                        && last!.UsedAgo >= 200 && last.UsedAgo <= TimeProvider.System.GetElapsedTime(called).TotalMilliseconds;
                }, $"gateway {gateway} sees what least-recently-used leaves", TimeSpan.FromSeconds(20));
            }
        }
    }
}
