using Fn.Api.Placement;
using Fn.Api.Runners;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Api.Placement;

public sealed class RunnerRankingTests
{
    [Fact]
    public void Rank_OrderOfRunners_DoesNotMatter()
    {
        var runners = Runners(5);

        Assert.Equal(RunnerRanking.Rank("function", runners), RunnerRanking.Rank("function", [.. runners.AsEnumerable().Reverse()]));
    }

    [Fact]
    public void Rank_ManyFunctions_SpreadEvenly()
    {
        var runners = Runners(4);

        var favourites = Enumerable.Range(0, 4000).Select(i => RunnerRanking.Rank($"01FUNCTION{i:0000000000000000}", runners)[0].Key).CountBy(key => key).ToList();

        Assert.Equal(4, favourites.Count);
        Assert.All(favourites, favourite => Assert.InRange(favourite.Value, 850, 1150));
    }

    [Fact]
    public void Rank_RunnerGoes_OnlyItsFunctionsMove()
    {
        var runners = Runners(4);
        var gone = runners[1];
        var rest = runners.Where(runner => runner != gone).ToList();

        foreach (var function in Enumerable.Range(0, 200).Select(i => $"f{i}"))
            Assert.Equal(RunnerRanking.Rank(function, runners).Where(runner => runner != gone), RunnerRanking.Rank(function, rest));
    }

    private static List<RunnerEntry> Runners(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new RunnerEntry($"10.0.0.{i}:8081", new ScriptedRunner(), TimeProvider.System))];
}
