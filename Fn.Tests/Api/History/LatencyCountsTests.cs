using Fn.Api.History;
using Xunit;

namespace Fn.Tests.Api.History;

public sealed class LatencyCountsTests
{
    [Fact]
    public void ClassOf_AnyDuration_IsWithinATwentieth()
    {
        var random = new Random(7);
        for (var i = 0; i < 10_000; i++)
        {
            var microseconds = (long)Math.Pow(2, 4 + random.NextDouble() * 30);
            var shown = LatencyCounts.MillisecondsOf(LatencyCounts.ClassOf(microseconds)) * 1000;
            Assert.InRange(shown / microseconds, 0.93, 1.07);
        }
    }

    [Fact]
    public void ClassOf_LongerDuration_IsNotLower()
    {
        var last = 0;
        for (var microseconds = 0L; microseconds < 100_000; microseconds++)
        {
            var found = LatencyCounts.ClassOf(microseconds);
            Assert.InRange(found, last, LatencyCounts.Classes - 1);
            last = found;
        }
        Assert.Equal(LatencyCounts.Classes - 1, LatencyCounts.ClassOf(long.MaxValue));
    }

    [Fact]
    public void Percentile_ManyDurations_IsTheOneAtThatRank()
    {
        var counts = new LatencyCounts();
        for (var i = 1; i <= 100; i++)
            counts.Add(LatencyCounts.ClassOf(i * 1000));

        Assert.InRange(counts.Percentile(0.5)!.Value, 47, 53);
        Assert.InRange(counts.Percentile(0.99)!.Value, 93, 105);
        Assert.Null(new LatencyCounts().Percentile(0.5));
    }

    [Fact]
    public void Add_Others_IsAsIfAllWereAddedHere()
    {
        var (one, other, both) = (new LatencyCounts(), new LatencyCounts(), new LatencyCounts());
        var random = new Random(11);
        for (var i = 0; i < 500; i++)
        {
            var found = random.Next(LatencyCounts.Classes);
            (i % 2 == 0 ? one : other).Add(found);
            both.Add(found);
        }
        one.Add(other);

        Assert.Equal(both.Counts, one.Counts);
        Assert.Equal(500, one.Total);
    }
}
