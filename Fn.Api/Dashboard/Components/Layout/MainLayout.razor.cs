using Fn.Api.Dashboard.Components.Parts;
using Fn.Api.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace Fn.Api.Dashboard.Components.Layout;

/// <summary>The frame of every page.</summary>
public sealed partial class MainLayout : IDisposable
{
    private DotNetObjectReference<PageSight>? _sight;
    private BrowserClock _clock = BrowserClock.Utc;
    private ErrorBoundary? _boundary;

    [Inject]
    private TokenGate Tokens { get; set; } = null!;

    [Inject]
    private PageSight Sight { get; set; } = null!;

    [Inject]
    private IJSRuntime Browser { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private string Here => Navigation.ToBaseRelativePath(Navigation.Uri).Split('#')[0];

    public void Dispose() => _sight?.Dispose();

    // Another page need not have what made this one fail.
    protected override void OnParametersSet() => _boundary?.Recover();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        _sight = DotNetObjectReference.Create(Sight);
        try
        {
            _clock = new BrowserClock(TimeSpan.FromMinutes(await Browser.InvokeAsync<int>("fn.begin", _sight)));
            StateHasChanged();
        }
        catch (JSDisconnectedException)
        {
            // The page was left at once.
        }
    }
}
