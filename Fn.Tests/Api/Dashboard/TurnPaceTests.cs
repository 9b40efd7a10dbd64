using Fn.Api.Dashboard.Live;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class TurnPaceTests
{
    [Theory]
    [InlineData(0, 15)]
    [InlineData(0.1, 15)]
    [InlineData(0.3, 15)]
    [InlineData(1, 49)]
    [InlineData(2, 98)]
    [InlineData(3, 100)]
    [InlineData(5000, 100)]
    public void RestAfter_Turn_LeavesItsShareBetweenLeastAndMost(double tookMilliseconds, double restMilliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(restMilliseconds), TurnPace.RestAfter(TimeSpan.FromMilliseconds(tookMilliseconds)));
}
