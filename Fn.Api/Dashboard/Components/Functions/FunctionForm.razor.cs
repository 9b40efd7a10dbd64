using Fn.Api.Dashboard.Edit;
using Fn.Api.Http;
using Fn.Api.Store;
using Fn.ServiceDefaults.Contracts;
using Microsoft.AspNetCore.Components;
using Microsoft.FluentUI.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Functions;

/// <summary>Makes a function, or changes one. What the rules object to stands at the field that it is about.</summary>
public partial class FunctionForm
{
    private static readonly string[] Formats = [FunctionFormat.HttpStream, FunctionFormat.Http, FunctionFormat.Default];

    private bool _saving;
    private SaveOutcome? _outcome;

    /// <summary>Null: a new one.</summary>
    [Parameter]
    public string? FunctionId { get; set; }

    /// <summary>What it begins with. What is typed in stays, whatever is given later.</summary>
    [Parameter, EditorRequired]
    public FunctionDraft Draft { get; set; } = null!;

    [Inject]
    private FunctionEditor Editor { get; set; } = null!;

    [Inject]
    private IAppStore AppStore { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private IReadOnlyList<string> Apps { get; set; } = [];

    public override Task SetParametersAsync(ParameterView parameters)
    {
        var typed = Draft;
        parameters.SetParameterProperties(this);
        // The page is drawn again and again while somebody types.
        if (typed is not null)
            Draft = typed;
        return base.SetParametersAsync(ParameterView.Empty);
    }

    protected override async Task OnInitializedAsync()
    {
        if (FunctionId is null)
            Apps = [.. (await AppStore.ListAppsAsync(null, new ListPage(null, ListPage.MaxSize), CancellationToken.None)).Select(app => app.Name)];
    }

    private string? At(DraftField field) => _outcome is { Problem: { } problem } && _outcome.Field == field ? problem : null;

    private MessageState? StateOf(DraftField field) => At(field) is null ? null : MessageState.Error;

    private async Task SaveAsync()
    {
        _saving = true;
        try
        {
            _outcome = FunctionId is null
                ? await Editor.CreateAsync(Draft, CancellationToken.None)
                : await Editor.UpdateAsync(FunctionId, Draft, CancellationToken.None);
        }
        finally
        {
            _saving = false;
        }
        if (FunctionId is null && _outcome.FunctionId is { } made)
            Navigation.NavigateTo($"functions/{made}?tab=invoke");
    }
}
