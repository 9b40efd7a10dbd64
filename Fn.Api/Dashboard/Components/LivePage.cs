using Fn.Api.Dashboard.Components.Parts;
using Fn.Api.Dashboard.Live;
using Microsoft.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components;

/// <summary>
/// A page that shows what goes on: it has the latest snapshot, and is drawn anew when there is a later one and it is its turn. While nobody sees it, it is not.
/// </summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private IDisposable? _watch;

    /// <summary>How it is now; null until the first look.</summary>
    protected LiveSnapshot? Now { get; private set; }

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Left => _left.Token;

    [CascadingParameter]
    public BrowserClock Clock { get; set; } = BrowserClock.Utc;

    [Inject]
    private LiveFeed Feed { get; set; } = null!;

    [Inject]
    private PageSight Sight { get; set; } = null!;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Looks for the first time; to be awaited by whoever overrides it, before anything that reads <see cref="Now"/>.</summary>
    protected override async Task OnInitializedAsync() => Now = await Feed.LookAsync();

    protected override void OnAfterRender(bool firstRender)
    {
        // Not while a page is made that nobody is connected to yet.
        if (!firstRender)
            return;
        Sight.Changed += Follow;
        Follow();
    }

    /// <summary>There is a new snapshot. The page is drawn afterwards.</summary>
    protected virtual Task OnSeenAsync(LiveSnapshot before) => Task.CompletedTask;

    protected virtual void Dispose(bool disposing)
    {
        Sight.Changed -= Follow;
        _watch?.Dispose();
        _left.Cancel();
        _left.Dispose();
    }

    /// <summary>Follows what goes on while the page is seen.</summary>
    private void Follow()
    {
        _watch?.Dispose();
        _watch = Sight.IsSeen ? Feed.Watch(snapshot => InvokeAsync(() => TakeAsync(snapshot))) : null;
    }

    private async Task TakeAsync(LiveSnapshot snapshot)
    {
        try
        {
            if (ReferenceEquals(snapshot, Now) || _left.IsCancellationRequested)
                return;
            var before = Now ?? snapshot;
            Now = snapshot;
            await OnSeenAsync(before);
            StateHasChanged();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The page was left.
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }
}
