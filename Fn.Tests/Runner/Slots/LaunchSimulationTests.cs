using Fn.Runner.Slots;
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

    [Theory]
    [InlineData(int.MaxValue, 14, 16)]
    [InlineData(4, 4, 4)]
    public void Rule_FastCallsThatAlwaysWait_GetContainersFromFreeMemory(int room, int least, int most)
    {
        // Each waits for 75 ms at most, and a start takes 560; but they wait all the time.
        var simulation = new LaunchSimulation { Room = room }.Clients(16, TimeSpan.FromSeconds(20), _ => TimeSpan.FromMilliseconds(5)).Run();

        Assert.InRange(simulation.Containers, least, most);
        var last = simulation.Waits.TakeLast(simulation.Waits.Count / 4).ToList();
        Assert.InRange(last.Average(static wait => wait.TotalMilliseconds), 0, 16.0 / least * 5 - 4);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(64)]
    public void Rule_FastCallsThatShareTwoProcessors_GrowsNoFurtherThanHelps(int clients)
    {
        // Left alone, the rule takes calls that take longer because there are more of them for calls that need more containers: it comes to all the clients.
        var simulation = new LaunchSimulation(TimeSpan.FromMilliseconds(8), processors: 2)
            .Clients(clients, TimeSpan.FromSeconds(30), _ => TimeSpan.FromMilliseconds(0.5))
            .Run();

        Assert.InRange(simulation.Containers, 2, 12);
        Assert.InRange(simulation.Left, 2, 4);
        Assert.True(simulation.Waits.Count > 30 * 2 * 2000 * 0.9, $"{simulation.Waits.Count} calls");
    }

    [Theory]
    [InlineData(256)]
    [InlineData(64)]
    public void Rule_FastCallsThatShareTwoProcessors_KeepsThoseThatAreNotJudgedAndNoMore(int clients)
    {
        var simulation = new LaunchSimulation(TimeSpan.FromMilliseconds(8), processors: 2, unjudged: 2 * GrowthGate.UnjudgedPerProcessor)
            .Clients(clients, TimeSpan.FromSeconds(30), _ => TimeSpan.FromMilliseconds(0.5))
            .Run();

        Assert.InRange(simulation.Left, 8, 10);
        Assert.True(simulation.Waits.Count > 30 * 2 * 2000 * 0.9, $"{simulation.Waits.Count} calls");
    }

    /// <summary>
    /// A machine that is sometimes faster makes some steps seem to help. Where nothing is known of the processors, it comes to 12 to 18 containers with these
    /// seeds.
    /// </summary>
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(13)]
    [InlineData(15)]
    public void Rule_ProcessorsAreBusyAndNotAlwaysEquallyFast_GrowsNoFurtherThanHelps(int seed)
    {
        var random = new Random(seed);
        var slowness = Enumerable.Range(0, 100).Select(_ => 0.75 + random.NextDouble() / 2).ToArray();
        var simulation = new LaunchSimulation(TimeSpan.FromMilliseconds(8), processors: 2, unjudged: 2 * GrowthGate.UnjudgedPerProcessor)
        {
            KnowsIdle = true,
            Slowness = now => slowness[(int)(now / TimeSpan.FromMilliseconds(400))],
        };

        simulation.Clients(256, TimeSpan.FromSeconds(30), _ => TimeSpan.FromMilliseconds(0.2 + random.NextDouble() * 0.6)).Run();

        Assert.InRange(simulation.Left, 8, 10);
    }

    [Fact]
    public void Rule_CallsThatShareNothing_GrowsAsFarAsItTakes()
    {
        var simulation = new LaunchSimulation(TimeSpan.FromMilliseconds(8)).Clients(256, TimeSpan.FromSeconds(10), _ => TimeSpan.FromMilliseconds(4)).Run();

        // With that many a call waits no longer than a start takes.
        Assert.InRange(simulation.Containers, 80, 130);
        Assert.True(simulation.Waits.Skip(simulation.Waits.Count / 2).Max() < TimeSpan.FromMilliseconds(20));
    }

    [Theory]
    [InlineData(3, 150, 256)]
    [InlineData(20, 150, 256)]
    [InlineData(5000, 150, 256)]
    public void Rule_FunctionThatBecomesSlowWhileItIsHeld_GrowsAgain(int milliseconds, int least, int most)
    {
        var changes = TimeSpan.FromSeconds(20);
        var simulation = new LaunchSimulation(TimeSpan.FromMilliseconds(8), processors: 2) { SharesUntil = changes }
            .Clients(256, TimeSpan.FromSeconds(40), now => now < changes ? TimeSpan.FromMilliseconds(0.5) : TimeSpan.FromMilliseconds(milliseconds))
            .Run();

        Assert.InRange(simulation.Left, least, most);
    }

    private static LaunchSimulation Burst(int calls, TimeSpan each)
    {
        var simulation = new LaunchSimulation();
        for (var i = 0; i < calls; i++)
            simulation.Call(TimeSpan.Zero, each);
        return simulation;
    }
}
