using Fn.Api.Dashboard.Live;
using Microsoft.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Parts;

/// <summary>A function's containers on a runner.</summary>
public partial class PoolRow
{
    private bool _asking;
    private string? _problem;

    [Parameter, EditorRequired]
    public HotPool Pool { get; set; } = null!;

    [Parameter, EditorRequired]
    public RunnerCard Runner { get; set; } = null!;

    [Inject]
    private RunnerDesk Desk { get; set; } = null!;

    protected override object? Shown => (Pool, Runner.Key, Runner.Name, _asking, _problem);

    private string Title =>
        $"{Show.Bytes(Pool.Memory)} each; a run takes {Show.Milliseconds(Pool.Service)}, a start {Show.Milliseconds(Pool.Start)}";

    private async Task EvictAsync()
    {
        _asking = true;
        // That they are gone shows by itself.
        var outcome = await Desk.EvictAsync(Runner.Key, Pool.FunctionId);
        _problem = outcome.Done ? null : outcome.Text;
        _asking = false;
    }
}
