using Fn.Runner.Containers;
using Fn.Runner.Slots;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>In which thread a call goes on that was given the slot of one that is over. It keeps the thread pool busy, so it runs beside no others.</summary>
[Collection(Alone.Name)]
public sealed class HandOverTests
{
    private static readonly int s_few = SlotPool.FewPerProcessor * Environment.ProcessorCount;

    [Theory]
    [InlineData(0, true, true)]
    [InlineData(1, true, false)]
    [InlineData(1, false, true)]
    public async Task Release_CallWaits_GoesOnHereUnlessManyAreBusyAndWorkOfTheThreadPoolWaitsToo(int moreThanFew, bool poolIsBusy, bool here)
    {
        var containers = s_few + moreThanFew;
        using var harness = new SlotHarness(budgetMiB: 64 * containers);
        var function = SlotHarness.Function("f", maxContainers: containers);
        var over = harness.Busy(function, containers)[0];
        Assert.True(harness.Pool(function).TryAcquire(SlotHarness.Offer(harness.Time, function, TimeSpan.FromHours(1)), CancellationToken.None, out var slot));
        var wentOn = GoOnAsync(slot);

        // More than threads are added for while this lasts.
        using var free = new ManualResetEventSlim();
        var work = Enumerable.Range(0, poolIsBusy ? ThreadPool.ThreadCount + 64 : 0).Select(_ => Task.Run(() => free.Wait(), CancellationToken.None)).ToList();
        var thread = Environment.CurrentManagedThreadId;
        bool atOnce;
        try
        {
            SpinWait.SpinUntil(() => poolIsBusy == ThreadPool.PendingWorkItemCount > 0, TimeSpan.FromSeconds(30));
            harness.Pool(function).Release(over.Grant.Container!, keep: true);
            atOnce = wentOn.IsCompleted;
        }
        finally
        {
            free.Set();
            await Task.WhenAll(work);
        }

        Assert.Equal(here, atOnce);
        var (where, container) = await wentOn.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        if (here)
            Assert.Equal(thread, where);
        Assert.Same(over.Grant.Container, container);
    }

    private static async Task<(int Thread, HotContainer? Container)> GoOnAsync(ValueTask<SlotGrant> slot)
    {
        var grant = await slot.ConfigureAwait(false);
        return (Environment.CurrentManagedThreadId, grant.Container);
    }
}
