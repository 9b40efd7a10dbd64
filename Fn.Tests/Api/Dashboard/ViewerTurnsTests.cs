using System.Threading.Channels;
using Fn.Api.Dashboard.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class ViewerTurnsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ViewerTurns _turns;
    private readonly Channel<string> _taken = Channel.CreateUnbounded<string>();

    public ViewerTurnsTests() => _turns = new ViewerTurns(_time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _turns.Dispose();

    [Fact]
    public async Task Ask_Alone_IsGivenAtOnceAndAgainAfterTheRest()
    {
        using var turn = Join("a");
        turn.Ask();
        Assert.Equal("a", await NextAsync(TimeSpan.Zero));

        turn.Ask();
        Rest(TurnPace.Least - TimeSpan.FromMilliseconds(1));
        Assert.False(_taken.Reader.TryPeek(out _));
        Assert.Equal("a", await NextAsync(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public async Task Ask_Many_AreGivenOneAtATimeInTheirOrder()
    {
        using var first = Join("first");
        first.Ask();
        Assert.Equal("first", await NextAsync(TimeSpan.Zero));
        var turns = Enumerable.Range(0, 100).Select(i => Join($"{i}")).ToList();
        foreach (var turn in turns)
        {
            turn.Ask();
            // Whoever lines up already does not line up twice.
            turn.Ask();
        }

        Assert.Equal("0", await NextAsync(TurnPace.Least));
        turns[0].Ask();
        for (var i = 1; i < 100; i++)
        {
            Assert.False(_taken.Reader.TryPeek(out _));
            Assert.Equal($"{i}", await NextAsync(TurnPace.Least));
        }
        Assert.Equal("0", await NextAsync(TurnPace.Least));
        Rest(TimeSpan.FromMinutes(1));
        Assert.False(_taken.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task Turn_Slow_IsRestedFromLonger()
    {
        var drawn = new TaskCompletionSource();
        using var slow = _turns.Join(() => TakeAsync("slow", drawn.Task));
        using var other = Join("other");
        slow.Ask();
        other.Ask();
        Assert.Equal("slow", await NextAsync(TimeSpan.Zero));

        Rest(TimeSpan.FromMilliseconds(2));
        Assert.False(_taken.Reader.TryPeek(out _));
        drawn.SetResult();

        Rest(TurnPace.Least);
        Assert.False(_taken.Reader.TryPeek(out _));
        Assert.Equal("other", await NextAsync(TurnPace.RestAfter(TimeSpan.FromMilliseconds(2)) - TurnPace.Least));
    }

    [Fact]
    public async Task Turn_HangsOrFails_OthersGoOn()
    {
        using var hanging = _turns.Join(() => TakeAsync("hanging", new TaskCompletionSource().Task));
        using var failing = _turns.Join(() => TakeAsync("failing", Task.FromException(new InvalidOperationException())));
        using var throwing = _turns.Join(() => throw new InvalidOperationException());
        using var other = Join("other");
        foreach (var turn in (ViewerTurn[])[hanging, failing, throwing, other])
            turn.Ask();

        Assert.Equal("hanging", await NextAsync(TimeSpan.Zero));
        Rest(ViewerTurns.Patience);
        Assert.Equal("failing", await NextAsync(TurnPace.Most));
        Rest(TurnPace.Least);
        Assert.Equal("other", await NextAsync(TurnPace.Least));
    }

    [Fact]
    public async Task Turn_Over_IsPassed()
    {
        using var one = Join("one");
        var gone = Join("gone");
        using var other = Join("other");
        foreach (var turn in (ViewerTurn[])[one, gone, other])
            turn.Ask();
        gone.Dispose();

        Assert.Equal("one", await NextAsync(TimeSpan.Zero));
        Assert.Equal("other", await NextAsync(TurnPace.Least));
        gone.Ask();
        Rest(TimeSpan.FromMinutes(1));
        Assert.False(_taken.Reader.TryPeek(out _));
    }

    private ViewerTurn Join(string name) => _turns.Join(() => TakeAsync(name, Task.CompletedTask));

    private Task TakeAsync(string name, Task drawn)
    {
        _taken.Writer.TryWrite(name);
        return drawn;
    }

    private void Rest(TimeSpan rest) => _time.Advance(rest);

    private async Task<string> NextAsync(TimeSpan rest)
    {
        Rest(rest);
        return await _taken.Reader.ReadAsync(Cancel);
    }
}
