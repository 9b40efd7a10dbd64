using Microsoft.JSInterop;

namespace Fn.Api.Dashboard.Components;

/// <summary>
/// Whether the page is seen: not while its tab is behind another one. Only the browser knows. Belongs to one page; used on its dispatcher, but that
/// <see cref="IsSeen"/> may be read on any thread.
/// </summary>
public sealed class PageSight
{
    private volatile bool _isSeen = true;

    /// <summary>It is another way than before.</summary>
    public event Action? Changed;

    /// <summary>True until the browser says otherwise.</summary>
    public bool IsSeen => _isSeen;

    /// <summary>The browser says how it is.</summary>
    [JSInvokable]
    public void Tell(bool isSeen)
    {
        if (isSeen == _isSeen)
            return;
        _isSeen = isSeen;
        Changed?.Invoke();
    }
}
