using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>What the launch rule makes of whole loads.</summary>
public sealed class LaunchSimulationTests
{
    [Fact]
    public void Rule_200FastCallsAtOnce_LineUpOnOneOrTwoContainers()
    {
        var simulation = Burst(calls: 200, TimeSpan.FromMilliseconds(5)).Run();

        Assert.Equal(200, simulation.Waits.Count);
        Assert.InRange(simulation.Containers, 1, 2);
        Assert.True(simulation.Waits.Max() < TimeSpan.FromSeconds(2), $"Waited for {simulation.Waits.Max()}.");
    }

    [Fact]
    public void Rule_SteadyFastCalls_NeedTwoContainersAtMost()
    {
        var simulation = new LaunchSimulation();
        for (var i = 0; i < 2000; i++)
            simulation.Call(TimeSpan.FromMilliseconds(5 * i), TimeSpan.FromMilliseconds(5));
        simulation.Run();

        Assert.Equal(2000, simulation.Waits.Count);
        Assert.InRange(simulation.Containers, 1, 2);
    }

    [Fact]
    public void Rule_200SlowCallsAtOnce_ScaleOutAsFastAsTheBudgetAllows()
    {
        var simulation = Burst(calls: 200, TimeSpan.FromSeconds(2)).Run();

        Assert.Equal(200, simulation.Waits.Count);
        // Two starts each 560 ms from the first on, until the last call has a slot: the budget sets the pace, the rule does not hold it back.
        Assert.InRange(simulation.Containers, 45, 60);
        Assert.InRange(simulation.Waits.Max(), TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(18));
    }

    [Fact]
    public void Rule_OneLongCallInFrontOfFastOnes_StrandsNobody()
    {
        var simulation = new LaunchSimulation().Call(TimeSpan.Zero, TimeSpan.FromSeconds(60));
        for (var i = 0; i < 100; i++)
            simulation.Call(TimeSpan.FromMilliseconds(600 + 10 * i), TimeSpan.FromMilliseconds(5));
        simulation.Run();

        Assert.Equal(101, simulation.Waits.Count);
        Assert.True(simulation.Waits.Max() <= 3 * LaunchSimulation.StartTime, $"Waited for {simulation.Waits.Max()}.");
    }

    private static LaunchSimulation Burst(int calls, TimeSpan each)
    {
        var simulation = new LaunchSimulation();
        for (var i = 0; i < calls; i++)
            simulation.Call(TimeSpan.Zero, each);
        return simulation;
    }
}
