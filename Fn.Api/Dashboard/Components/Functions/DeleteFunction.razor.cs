using Fn.Api.Dashboard.Components.Parts;
using Fn.Api.Store;
using Microsoft.AspNetCore.Components;
using Microsoft.FluentUI.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Functions;

/// <summary>Deletes a function, after it was asked whether it shall be.</summary>
public partial class DeleteFunction
{
    [Parameter, EditorRequired]
    public string FunctionId { get; set; } = "";

    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    [Inject]
    private IFunctionStore Functions { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private async Task DeleteAsync()
    {
        if (!await Dialogs.AskAsync($"Delete {Name}?", "It cannot be brought back. Calls to it will be answered 404.", "Delete"))
            return;
        await Functions.DeleteFunctionAsync(FunctionId, CancellationToken.None);
        Navigation.NavigateTo("");
    }
}
