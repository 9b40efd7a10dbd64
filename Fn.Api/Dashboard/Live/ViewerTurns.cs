namespace Fn.Api.Dashboard.Live;

/// <summary>
/// Gives those who look at the dashboard their turns to be brought up to date: one at a time, in the order in which they asked, at the pace that
/// <see cref="TurnPace"/> says. So a hundred pages are never drawn at once, before calls that came meanwhile. Thread-safe.
/// </summary>
internal sealed class ViewerTurns : IDisposable
{
    /// <summary>How long others wait for a turn to be over: that one may hang.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ITimer _rest;

    // Guarded by _lock. While a turn is taken or rested from, whoever asks only lines up.
    private readonly Queue<ViewerTurn> _asked = new();
    private bool _isUnderWay;

    public ViewerTurns(TimeProvider time)
    {
        _time = time;
        _rest = time.CreateTimer(static turns => _ = ((ViewerTurns)turns!).NextAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Somebody begins to look.</summary>
    /// <param name="take">Brings what they look at up to date; completes when that is drawn.</param>
    public ViewerTurn Join(Func<Task> take) => new(this, take);

    public void Dispose() => _rest.Dispose();

    /// <summary>Somebody wants a turn.</summary>
    internal void Ask(ViewerTurn turn)
    {
        lock (_lock)
        {
            // Who lines up already is shown the latest when it is their turn.
            if (turn.IsOver || turn.IsAsked)
                return;
            turn.IsAsked = true;
            _asked.Enqueue(turn);
            if (_isUnderWay)
                return;
            _isUnderWay = true;
        }
        // On a thread of the pool, not on that of whoever changed something.
        RestFor(TimeSpan.Zero);
    }

    private async Task NextAsync()
    {
        if (Take() is not { } turn)
            return;
        var began = _time.GetTimestamp();
        await turn.TakeAsync().WaitAsync(Patience, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        RestFor(TurnPace.RestAfter(_time.GetElapsedTime(began)));
    }

    private ViewerTurn? Take()
    {
        lock (_lock)
        {
            while (_asked.TryDequeue(out var turn))
            {
                turn.IsAsked = false;
                if (!turn.IsOver)
                    return turn;
            }
            _isUnderWay = false;
            return null;
        }
    }

    private void RestFor(TimeSpan rest)
    {
        try
        {
            _rest.Change(rest, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The gateway stops.
        }
    }
}
