using Fn.Api.Placement;
using Fn.Api.Warmth;
using Xunit;

namespace Fn.Tests.Api.Warmth;

public sealed class FloorPlanTests
{
    private const long MiB = 1 << 20;

    private static readonly ulong[] Runners = [.. Enumerable.Range(1, 4).Select(i => Rendezvous.Hash($"http://10.0.0.{i}:8081"))];

    [Theory]
    [InlineData(0, 0, 0, 0, 0)]
    [InlineData(1, 1, 0, 0, 0)]
    [InlineData(3, 1, 1, 1, 0)]
    [InlineData(6, 2, 2, 1, 1)]
    public void Spread_EnoughMemory_IsEvenAndBeginsWithTheFavourite(int count, params int[] inOrder) =>
        Assert.Equal(inOrder, InOrder("f", Spread("f", count, Runners, 1000, 1000, 1000, 1000)));

    [Theory]
    // Memory of each in containers of 100 MiB, in the function's order; how many each keeps.
    [InlineData("0 0 0 0", "0 0 0 0")]
    [InlineData("1 9 9 9", "1 2 2 1")]
    [InlineData("0 9 0 9", "0 3 0 3")]
    [InlineData("1 0 0 2", "1 0 0 2")]
    public void Spread_MemoryIsShort_OthersKeepMoreAndTheRestIsLeftOut(string memory, string expected)
    {
        var inOrder = memory.Split(' ').Select(int.Parse).ToArray();
        var order = Order("f");
        var mebibytes = new long[4];
        for (var i = 0; i < 4; i++)
            mebibytes[order[i]] = inOrder[i] * 100 + 99;
        Assert.Equal(expected, string.Join(' ', InOrder("f", Spread("f", 6, Runners, mebibytes))));
    }

    [Fact]
    public void Spread_SecondFunction_GetsWhatTheFirstLeft()
    {
        long[] left = [200 * MiB, 200 * MiB, 200 * MiB, 200 * MiB];
        var first = FloorPlan.Spread(Rendezvous.Hash("a"), 7, 100 * MiB, Runners, left);
        var second = FloorPlan.Spread(Rendezvous.Hash("b"), 7, 100 * MiB, Runners, left);
        Assert.Equal((7, 1), (first.Sum(), second.Sum()));
        Assert.All(left, bytes => Assert.Equal(0, bytes));
    }

    [Fact]
    public void Spread_RunnerLeaves_OnlyItsShareMoves()
    {
        for (var i = 0; i < 50; i++)
        {
            var function = $"function {i}";
            var all = Spread(function, 3, Runners, 1000, 1000, 1000, 1000);
            var rest = Spread(function, 3, Runners[..3], 1000, 1000, 1000);
            Assert.All(Enumerable.Range(0, 3), runner => Assert.InRange(rest[runner], all[runner], 1));
        }
    }

    [Fact]
    public void Spread_RunnersInAnotherOrder_SameForEach() =>
        Assert.Equal(Spread("f", 5, Runners, 1000, 1000, 1000, 1000), Spread("f", 5, [.. Runners.Reverse()], 1000, 1000, 1000, 1000).Reverse());

    private static int[] Spread(string function, int count, ulong[] runners, params long[] mebibytes) =>
        FloorPlan.Spread(Rendezvous.Hash(function), count, 100 * MiB, runners, [.. mebibytes.Select(memory => memory * MiB)]);

    private static int[] Order(string function) =>
        [.. Enumerable.Range(0, 4).OrderByDescending(runner => Rendezvous.Weight(Rendezvous.Hash(function), Runners[runner]))];

    private static int[] InOrder(string function, int[] shares) => [.. Order(function).Select(runner => shares[runner])];
}
