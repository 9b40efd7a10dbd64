using Microsoft.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components;

/// <summary>
/// A part of a page that is drawn anew only when what it shows has changed, however often the page is. Parts with content, or that are given something made
/// anew each time, would be drawn with the page each time, and compared with what is there, for everybody who looks.
/// </summary>
public abstract class StillComponent : ComponentBase
{
    private object? _drawn;

    /// <summary>All that is shown: of two that are equal the drawings are too.</summary>
    protected abstract object? Shown { get; }

    // Asked at each drawing but the first, so that the second may be one too many.
    protected override bool ShouldRender()
    {
        var shown = Shown;
        if (Equals(shown, _drawn))
            return false;
        _drawn = shown;
        return true;
    }
}
