using Fn.Api.Warmth;
using Xunit;

namespace Fn.Tests.Api.Warmth;

public sealed class WarmUpdateRuleTests
{
    [Theory]
    [InlineData(2, 0, false, 0, nameof(WarmUpdateVerdict.Wait))]
    [InlineData(2, 2, false, 0, nameof(WarmUpdateVerdict.Ready))]
    [InlineData(0, 0, false, 0, nameof(WarmUpdateVerdict.Ready))] // no place for any
    [InlineData(2, 0, true, 0, nameof(WarmUpdateVerdict.Failed))]
    [InlineData(2, 1, true, 0, nameof(WarmUpdateVerdict.Failed))]
    [InlineData(2, 2, true, 0, nameof(WarmUpdateVerdict.Ready))]
    [InlineData(2, 1, false, 9.9, nameof(WarmUpdateVerdict.Wait))]
    [InlineData(2, 1, false, 10, nameof(WarmUpdateVerdict.TooLong))]
    [InlineData(2, 0, false, 29.9, nameof(WarmUpdateVerdict.Wait))]
    [InlineData(2, 0, false, 30, nameof(WarmUpdateVerdict.TooLong))]
    public void Decide_Table(int wished, int ready, bool failed, double seconds, string expected) =>
        Assert.Equal(expected, WarmUpdateRule.Decide(wished, ready, failed, TimeSpan.FromSeconds(seconds)).ToString());
}
