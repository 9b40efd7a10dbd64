using Fn.Api.Dashboard.Calls;
using Fn.Api.Dashboard.Live;
using Fn.Api.History;
using Fn.Api.Invocation;
using Microsoft.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Pages;

/// <summary>Where the time of one call went, and why.</summary>
public partial class CallPage
{
    private CallStory? _call;
    private string? _name;

    [Parameter]
    public string CallId { get; set; } = "";

    [Inject]
    private ICallHistory History { get; set; } = null!;

    [Inject]
    private IFunctionResolver Functions { get; set; } = null!;

    protected override Task OnParametersSetAsync() => FindAsync();

    // A call that still ran is found once it is over.
    protected override Task OnSeenAsync(LiveSnapshot before) => _call is null ? FindAsync() : Task.CompletedTask;

    private async Task FindAsync()
    {
        if (_call?.CallId == CallId)
            return;
        _call = History.Find(CallId) is { } found ? CallStory.Of(found) : null;
        if (_call is not null && await Functions.ResolveAsync(_call.FunctionId, Left) is { } function)
            _name = $"{function.AppName}/{function.FunctionName}";
    }
}
