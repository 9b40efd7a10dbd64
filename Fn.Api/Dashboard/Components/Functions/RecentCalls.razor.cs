using Fn.Api.Dashboard.Calls;
using Fn.Api.Dashboard.Live;
using Fn.Api.History;
using Microsoft.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Functions;

/// <summary>A function's calls, newest first. The first page goes on by itself; a later one stays.</summary>
public partial class RecentCalls
{
    private const int PageSize = 20;

    private static readonly (CallKind Kind, string Text)[] Kinds = [(CallKind.All, "All"), (CallKind.Cold, "Cold"), (CallKind.Failed, "Failed")];

    // Where each page before this one ended.
    private readonly Stack<string> _before = new();
    private CallKind _kind;
    private IReadOnlyList<CallStory> _calls = [];
    private bool _hasMore;
    private CallsSight? _seen;

    private enum CallKind
    {
        All,
        Cold,
        Failed,
    }

    [Parameter, EditorRequired]
    public string FunctionId { get; set; } = "";

    /// <summary>Changes when there are new calls.</summary>
    [Parameter, EditorRequired]
    public CallsSight? Calls { get; set; }

    [Inject]
    private ICallHistory History { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private string Origin => new Uri(Navigation.BaseUri).GetLeftPart(UriPartial.Authority);

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_seen, Calls) && _seen is not null)
            return;
        _seen = Calls;
        if (_before.Count == 0)
            Read();
    }

    private void Choose(CallKind kind)
    {
        _kind = kind;
        _before.Clear();
        Read();
    }

    private void Earlier()
    {
        _before.Push(_calls[^1].CallId);
        Read();
    }

    private void Later()
    {
        _before.Pop();
        Read();
    }

    private void Read()
    {
        var filter = new CallFilter(FunctionId, _kind == CallKind.Cold ? true : null, _kind == CallKind.Failed ? true : null, PageSize + 1, _before.TryPeek(out var last) ? last : null);
        var read = History.Recent(filter);
        _hasMore = read.Count > PageSize;
        _calls = [.. read.Take(PageSize).Select(CallStory.Of)];
    }
}
