using Fn.Api.History;
using Xunit;

namespace Fn.Tests.Api.History;

public sealed class HeardBatchesTests
{
    private readonly HeardBatches _heard = new();

    [Fact]
    public void Add_MissedOneAfterLaterOnes_IsTakenOnce()
    {
        Assert.True(_heard.Add("g", 7));
        Assert.True(_heard.Add("g", 3));
        Assert.False(_heard.Add("g", 3));
        Assert.False(_heard.Add("g", 7));
        Assert.True(_heard.Add("other", 7));
    }

    [Fact]
    public void Add_ManyInAnyOrder_TakesEachOnce()
    {
        var random = new Random(5);
        var taken = new HashSet<long>();
        for (var i = 0; i < 50_000; i++)
        {
            var sequence = Math.Max(1, i / 2 - random.Next(50));
            Assert.Equal(taken.Add(sequence), _heard.Add("g", sequence));
        }
    }

    [Fact]
    public void Add_GatewayForgotten_BeginsAnew()
    {
        _heard.Add("g", 7);
        _heard.Forget("g");
        Assert.True(_heard.Add("g", 7));
    }
}
