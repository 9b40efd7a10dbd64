using Fn.Api.Dashboard.Components.Parts;
using Fn.Api.Dashboard.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.FluentUI.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Pages;

/// <summary>What a runner has, and what it can be told to do.</summary>
public partial class RunnerPage
{
    private bool _asking;
    private OrderAnswer? _outcome;

    /// <summary>Id, or address.</summary>
    [Parameter]
    public string Key { get; set; } = "";

    [Inject]
    private RunnerDesk Desk { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    private RunnerCard? Runner => Now?.Cluster.Runners.FirstOrDefault(runner => runner.Key == Key || runner.Address == Key);

    private Task EvictAsync() => AskAsync(() => Desk.EvictAsync(Key, null));

    private async Task DrainAsync()
    {
        const string message = "It takes no more calls until its process is started again. Calls that run go on, those that wait go to other runners.";
        if (await Dialogs.AskAsync($"Drain {Runner?.Name}?", message, "Drain"))
            await AskAsync(() => Desk.DrainAsync(Key));
    }

    private async Task AskAsync(Func<Task<OrderAnswer>> ask)
    {
        _asking = true;
        _outcome = await ask();
        _asking = false;
    }
}
