using Fn.Api.Dashboard.Components.Parts;
using Fn.Api.Dashboard.Live;
using Microsoft.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components;

/// <summary>A page that shows what goes on: it has the latest snapshot, and is drawn anew with each later one.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private IDisposable? _watch;
    private LiveSnapshot? _coming;

    /// <summary>How it is now; null until the first look.</summary>
    protected LiveSnapshot? Now { get; private set; }

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Left => _left.Token;

    [CascadingParameter]
    public BrowserClock Clock { get; set; } = BrowserClock.Utc;

    [Inject]
    private LiveFeed Feed { get; set; } = null!;

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
        if (firstRender)
            _watch = Feed.Watch(See);
    }

    /// <summary>There is a new snapshot. The page is drawn afterwards.</summary>
    protected virtual Task OnSeenAsync(LiveSnapshot before) => Task.CompletedTask;

    protected virtual void Dispose(bool disposing)
    {
        _watch?.Dispose();
        _left.Cancel();
        _left.Dispose();
    }

    private void See(LiveSnapshot snapshot)
    {
        // A page that is slow to draw is not sent what has grown old meanwhile.
        if (Interlocked.Exchange(ref _coming, snapshot) is null)
            _ = InvokeAsync(TakeAsync);
    }

    private async Task TakeAsync()
    {
        try
        {
            if (Interlocked.Exchange(ref _coming, null) is not { } snapshot || ReferenceEquals(snapshot, Now) || _left.IsCancellationRequested)
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
