using Fn.Runner.Calls;
using Xunit;

namespace Fn.Tests.Runner.Calls;

public sealed class ActiveCallsTests
{
    [Fact]
    public void WhenNoneAsync_NoCall_IsComplete() => Assert.True(new ActiveCalls().WhenNoneAsync().IsCompleted);

    [Fact]
    public void WhenNoneAsync_CallsRun_CompletesWithTheLast()
    {
        var calls = new ActiveCalls();
        calls.Enter();
        calls.Enter();
        var none = calls.WhenNoneAsync();

        calls.Leave();
        Assert.False(none.IsCompleted);
        Assert.Equal(1, calls.Count);
        calls.Leave();
        Assert.True(none.IsCompleted);
    }

    [Fact]
    public void WhenNoneAsync_OneComesAndIsTurnedAway_StillWaitsForTheOther()
    {
        var calls = new ActiveCalls();
        calls.Enter();
        var none = calls.WhenNoneAsync();

        calls.Enter();
        calls.Leave();
        Assert.False(none.IsCompleted);
        calls.Leave();
        Assert.True(none.IsCompleted);
    }
}
