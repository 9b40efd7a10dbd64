using Fn.Runner.Slots;
using Xunit;

namespace Fn.Tests.Runner.Slots;

public sealed class DecayedMeanTests
{
    [Fact]
    public void Value_NoSample_IsNull()
    {
        var mean = new DecayedMean();

        Assert.False(mean.HasValue);
        Assert.Null(mean.Value);
    }

    [Theory]
    [InlineData(new[] { 100.0 }, 100.0)]
    [InlineData(new[] { 0.0 }, 0.0)]
    [InlineData(new[] { 100.0, 200.0 }, 120.0)]
    [InlineData(new[] { 200.0, 100.0 }, 180.0)]
    [InlineData(new[] { 100.0, 200.0, 220.0 }, 140.0)]
    [InlineData(new[] { 50.0, 50.0, 50.0 }, 50.0)]
    public void Add_Samples_EachCountsForAFifth(double[] samples, double expected)
    {
        var mean = new DecayedMean();
        foreach (var sample in samples)
            mean.Add(TimeSpan.FromMilliseconds(sample));

        Assert.True(mean.HasValue);
        Assert.Equal(TimeSpan.FromMilliseconds(expected), mean.Value);
    }

    [Fact]
    public void Add_TwentyNewSamples_TheOldOneIsForgotten()
    {
        var mean = new DecayedMean();
        mean.Add(TimeSpan.FromSeconds(60));
        for (var i = 0; i < 20; i++)
            mean.Add(TimeSpan.FromMilliseconds(5));

        Assert.InRange(mean.Value!.Value, TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1));
    }
}
