using Fn.Api.Placement;
using Xunit;

namespace Fn.Tests.Api.Placement;

public sealed class RendezvousTests
{
    private static readonly string[] Runners = [.. Enumerable.Range(0, 10).Select(i => $"http://10.0.0.{i}:8081")];

    [Fact]
    public void Weight_ManyFunctions_SpreadEvenly()
    {
        var favourites = Functions(4000).Select(function => Rank(function, Runners)[0]).CountBy(runner => runner).ToList();

        Assert.Equal(Runners.Length, favourites.Count);
        Assert.All(favourites, favourite => Assert.InRange(favourite.Value, 300, 500));
    }

    [Fact]
    public void Weight_RunnerGone_MovesOnlyItsOwnFunctions()
    {
        foreach (var function in Functions(200))
        {
            var ranked = Rank(function, Runners);

            Assert.Equal(ranked.Where(runner => runner != Runners[3]), Rank(function, [.. Runners.Where(runner => runner != Runners[3])]));
        }
    }

    private static IEnumerable<string> Functions(int count) => Enumerable.Range(0, count).Select(i => $"01FUNCTION{i:0000000000000000}");

    private static string[] Rank(string function, string[] runners) =>
        [.. runners.OrderByDescending(runner => Rendezvous.Weight(Rendezvous.Hash(function), Rendezvous.Hash(runner)))];
}
