namespace Fn.Api.Dashboard.Live;

/// <summary>The place of somebody who looks among all who do. Dispose when they look no more. Thread-safe.</summary>
internal sealed class ViewerTurn(ViewerTurns turns, Func<Task> take) : IDisposable
{
    private volatile bool _isOver;

    /// <summary>Whether they look no more.</summary>
    public bool IsOver => _isOver;

    /// <summary>Whether they line up. Guarded by the lock of <see cref="ViewerTurns"/>.</summary>
    public bool IsAsked { get; set; }

    /// <summary>There is something new to be shown.</summary>
    public void Ask() => turns.Ask(this);

    public Task TakeAsync()
    {
        try
        {
            return take();
        }
#pragma warning disable CA1031 // The turns of the others go on. Whoever brings a page up to date tells its own failures where they are seen.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Task.FromException(e);
        }
    }

    public void Dispose() => _isOver = true;
}
