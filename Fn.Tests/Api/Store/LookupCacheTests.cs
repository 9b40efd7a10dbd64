using Fn.Api.Store;
using Xunit;

namespace Fn.Tests.Api.Store;

public class LookupCacheTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetAsync_SecondTime_DoesNotLoadAndIsDoneAtOnce()
    {
        var loads = 0;
        var cache = new LookupCache<string, string>(10, key => Task.FromResult<string?>(key + ++loads));
        Assert.Equal("a1", await cache.GetAsync("a", Cancel));
        var second = cache.GetAsync("a", Cancel);
        Assert.True(second.IsCompletedSuccessfully);
        Assert.Equal("a1", await second);
    }

    [Fact]
    public async Task GetAsync_Hit_AllocatesNothing()
    {
        var cache = new LookupCache<string, string>(10, key => Task.FromResult<string?>(key));
        await cache.GetAsync("a", Cancel);
        await cache.GetAsync("a", Cancel);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var hit = cache.GetAsync("a", Cancel);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
        Assert.Equal("a", await hit);
    }

    [Fact]
    public async Task GetAsync_ManyAtOnce_ShareOneLoad()
    {
        var gate = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var loads = 0;
        var cache = new LookupCache<string, string>(10, _ =>
        {
            loads++;
            return gate.Task;
        });
        var waiting = Enumerable.Range(0, 20).Select(_ => cache.GetAsync("a", Cancel).AsTask()).ToArray();
        gate.SetResult("x");
        Assert.All(await Task.WhenAll(waiting), value => Assert.Equal("x", value));
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task GetAsync_NotFound_IsKeptUntilItIsDropped()
    {
        var answers = new Queue<string?>([null, null, "x"]);
        var cache = new LookupCache<string, string>(10, _ => Task.FromResult(answers.Dequeue()));
        Assert.Null(await cache.GetAsync("a", Cancel));
        Assert.Null(await cache.GetAsync("a", Cancel));
        Assert.Equal(2, answers.Count);
        cache.DropWhere((_, _) => false);
        Assert.Null(await cache.GetAsync("a", Cancel));
        cache.Drop("a");
        Assert.Equal("x", await cache.GetAsync("a", Cancel));
    }

    [Fact]
    public async Task Drop_DuringALoadThatFindsNothing_KeepsThatOut()
    {
        var loads = new Queue<TaskCompletionSource<string?>>([new(), new()]);
        var (first, second) = (loads.First(), loads.Last());
        var cache = new LookupCache<string, string>(10, _ => loads.Dequeue().Task);
        var before = cache.GetAsync("a", Cancel).AsTask();
        cache.Drop("a");
        first.SetResult(null);
        Assert.Null(await before);
        var after = cache.GetAsync("a", Cancel).AsTask();
        second.SetResult("made meanwhile");
        Assert.Equal("made meanwhile", await after);
    }

    [Fact]
    public async Task GetAsync_ManyUnknownKeys_PushNothingOut()
    {
        var loads = 0;
        var cache = new LookupCache<int, string>(10, key =>
        {
            loads++;
            return Task.FromResult(key == 0 ? "x" : null);
        });
        for (var key = 0; key < 5000; key++)
        {
            await cache.GetAsync(key, Cancel);
            Assert.InRange(cache.AbsentCount, 0, LookupCache<int, string>.AbsentCapacity);
        }
        Assert.Equal("x", await cache.GetAsync(0, Cancel));
        Assert.Equal(5000, loads);
    }

    [Fact]
    public async Task GetAsync_LoadFails_TellsItsWaitersAndTriesAgainForTheNext()
    {
        var answers = new Queue<Task<string?>>([Task.FromException<string?>(new IOException("gone")), Task.FromResult<string?>("x")]);
        var cache = new LookupCache<string, string>(10, _ => answers.Dequeue());
        await Assert.ThrowsAsync<IOException>(async () => await cache.GetAsync("a", Cancel));
        Assert.Equal("x", await cache.GetAsync("a", Cancel));
    }

    [Fact]
    public async Task GetAsync_OneWaiterLeaves_TheOthersGetTheirs()
    {
        var gate = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cache = new LookupCache<string, string>(10, _ => gate.Task);
        using var leaving = new CancellationTokenSource();
        var left = cache.GetAsync("a", leaving.Token).AsTask();
        var stays = cache.GetAsync("a", Cancel).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        gate.SetResult("x");
        Assert.Equal("x", await stays);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Drop_DuringALoad_KeepsTheOldValueOutAndGivesTheNextCallerTheNewOne(bool byKey)
    {
        var loads = new List<TaskCompletionSource<string?>>();
        var cache = new LookupCache<string, string>(10, _ =>
        {
            loads.Add(new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously));
            return loads[^1].Task;
        });
        var before = cache.GetAsync("a", Cancel).AsTask();
        if (byKey)
            cache.Drop("a");
        else
            cache.DropWhere((_, _) => true);
        var after = cache.GetAsync("a", Cancel).AsTask();
        loads[1].SetResult("new");
        Assert.Equal("new", await after);
        loads[0].SetResult("old");
        Assert.Equal("old", await before);
        Assert.Equal("new", await cache.GetAsync("a", Cancel));
        Assert.Equal(2, loads.Count);
    }

    [Fact]
    public async Task DropWhere_SomeMatch_ForgetsThose()
    {
        var loads = new List<string>();
        var cache = new LookupCache<string, string>(10, key =>
        {
            loads.Add(key);
            return Task.FromResult<string?>(key + key);
        });
        foreach (var key in new[] { "a", "b" })
            await cache.GetAsync(key, Cancel);
        cache.DropWhere((key, value) => key == "a" && value == "aa");
        foreach (var key in new[] { "a", "b" })
            await cache.GetAsync(key, Cancel);
        Assert.Equal(["a", "b", "a"], loads);
    }

    [Fact]
    public async Task GetAsync_MoreThanCapacity_StaysBelowItAndKeepsWhatIsUsed()
    {
        var loads = new List<int>();
        var cache = new LookupCache<int, string>(100, key =>
        {
            loads.Add(key);
            return Task.FromResult<string?>("x");
        });
        for (var key = 0; key < 1000; key++)
        {
            await cache.GetAsync(key, Cancel);
            await cache.GetAsync(0, Cancel);
            Assert.InRange(cache.Count, 1, 100);
        }
        Assert.Single(loads, 0);
    }
}
