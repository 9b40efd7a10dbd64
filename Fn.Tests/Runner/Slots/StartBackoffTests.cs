using Fn.Runner.Slots;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Runner.Slots;

public sealed class StartBackoffTests
{
    private static readonly CallFailure Failure = new(CallError.InitializationFailed) { Detail = "it said why" };

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Failed_AgainAndAgain_WaitsTwiceAsLongUpTo30Seconds()
    {
        var backoff = new StartBackoff(_time);
        var waits = new List<double>();
        for (var i = 0; i < 2000; i++)
        {
            var answered = backoff.Failed(Failure);
            waits.Add(answered.RetryAfter!.Value.TotalSeconds);
            Assert.Equal(Failure, answered with { RetryAfter = null });
            _time.Advance(answered.RetryAfter.Value);
        }

        Assert.Equal([1, 2, 4, 8, 16, 30, 30, 30], waits.Take(8));
        Assert.All(waits.Skip(8), wait => Assert.Equal(30, wait));
    }

    [Fact]
    public void Failed_AnotherStartOfTheSameAttempt_LengthensNothing()
    {
        var backoff = new StartBackoff(_time);
        backoff.Failed(Failure);
        _time.Advance(TimeSpan.FromMilliseconds(400));

        Assert.Equal(TimeSpan.FromMilliseconds(600), backoff.Failed(Failure).RetryAfter);
        _time.Advance(TimeSpan.FromMilliseconds(600));
        Assert.Equal(TimeSpan.FromSeconds(2), backoff.Failed(Failure).RetryAfter);
    }

    [Fact]
    public void Current_NothingFailed_IsNull() => Assert.Null(new StartBackoff(_time).Current);

    [Fact]
    public void Current_WithinTheWait_IsTheFailureWithTheTimeLeft()
    {
        var backoff = new StartBackoff(_time);
        backoff.Failed(Failure);
        _time.Advance(TimeSpan.FromSeconds(1));
        backoff.Failed(Failure);
        _time.Advance(TimeSpan.FromMilliseconds(1500));

        Assert.Equal(Failure with { RetryAfter = TimeSpan.FromMilliseconds(500) }, backoff.Current);
    }

    [Fact]
    public void Current_WhenTheWaitIsOver_IsNull()
    {
        var backoff = new StartBackoff(_time);
        backoff.Failed(Failure);

        _time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.NotNull(backoff.Current);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(backoff.Current);
    }

    [Fact]
    public void EndedInFirst_ThirdInARow_IsAFailedStart()
    {
        var backoff = new StartBackoff(_time);

        Assert.Null(backoff.EndedInFirst());
        Assert.Null(backoff.EndedInFirst());
        Assert.Null(backoff.Current);
        Assert.Equal(new CallFailure(CallError.InitializationFailed) { RetryAfter = TimeSpan.FromSeconds(1) }, backoff.EndedInFirst());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(2), backoff.EndedInFirst()!.RetryAfter);
    }

    [Fact]
    public void EndedInFirst_OnceReady_NeverIs()
    {
        var backoff = new StartBackoff(_time);
        backoff.Ready();

        for (var i = 0; i < 10; i++)
            Assert.Null(backoff.EndedInFirst());
    }

    [Fact]
    public void Ready_AfterFailures_ForgetsThem()
    {
        var backoff = new StartBackoff(_time);
        backoff.Failed(Failure);
        Assert.False(backoff.EverReady);

        backoff.Ready();

        Assert.True(backoff.EverReady);
        Assert.Null(backoff.Current);
    }
}
