using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>Races between real threads that the stepped schedules cannot make.</summary>
public sealed class SlotPoolThreadTests
{
    /// <summary>A lost wake-up shows as a call that waits for ever; this only bounds how long the test does.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Release_WhileAnotherFunctionAsksForTheMemory_AlwaysWakesIt()
    {
        using var harness = new SlotHarness(budgetMiB: 64, containers: new ContainerOptions { MinResidency = TimeSpan.Zero }, threads: true);
        FunctionSpec[] functions = [SlotHarness.Function("a"), SlotHarness.Function("b")];
        // The more pools a search looks through, the more can happen between the look at the first and the end of it.
        foreach (var function in functions.Concat(Enumerable.Range(0, 200).Select(i => SlotHarness.Function($"other{i}"))))
            harness.Pool(function);
        using var together = new Barrier(2);
        var held = await Acquire(harness, functions[0]);
        for (var round = 0; round < 2000; round++)
        {
            var (holder, asker) = (functions[round % 2], functions[(round + 1) % 2]);
            // Earlier and later, so that every order comes up.
            var spins = round % 100 * 20;
            var release = Task.Run(
                () =>
                {
                    together.SignalAndWait();
                    Thread.SpinWait(spins);
                    harness.Pool(holder).Release(held, keep: true);
                },
                TestContext.Current.CancellationToken);
            together.SignalAndWait(TestContext.Current.CancellationToken);
            var next = await Acquire(harness, asker).WaitAsync(Hang, TestContext.Current.CancellationToken);
            await release;
            held = next;
        }
    }

    private static async Task<HotContainer> Acquire(SlotHarness harness, FunctionSpec function)
    {
        Assert.True(harness.Pool(function).TryAcquire(SlotHarness.Offer(harness.Time, function, TimeSpan.FromHours(1)), CancellationToken.None, out var slot));
        return (await slot).Container!;
    }
}
