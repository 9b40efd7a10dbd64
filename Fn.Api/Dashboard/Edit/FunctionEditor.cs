using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Json;
using Fn.Api.Store;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Dashboard.Edit;

/// <summary>Saves what was typed into a form, by the rules that requests to <c>/v2</c> are held to.</summary>
internal sealed class FunctionEditor(IAppStore apps, IFunctionStore functions, IDeployStore deploys, TimeProvider time)
{
    /// <summary>Makes an app.</summary>
    public async Task<SaveOutcome> CreateAppAsync(string name, CancellationToken cancel)
    {
        var app = AppRules.New(new AppInput { Name = name.Trim() }, FnId.New(time), Timestamp.Now(time));
        if (AppRules.Check(app) is { } problem)
            return DraftReader.Wrong(problem);
        return await apps.AddAppAsync(app, cancel) == WriteOutcome.Done
            ? SaveOutcome.Saved(app.Id)
            : SaveOutcome.Wrong(DraftField.App, AppErrors.Exists.Message);
    }

    /// <summary>Makes a function; its app too, when there is none of that name.</summary>
    public async Task<SaveOutcome> CreateAsync(FunctionDraft draft, CancellationToken cancel)
    {
        var input = DraftReader.Read(draft, null, out var unreadable);
        if (unreadable is not null)
            return unreadable;
        var app = await apps.ListAppsAsync(draft.App.Trim(), ListPage.One, cancel) is [var known, ..] ? known : null;
        var newApp = app is null ? AppRules.New(new AppInput { Name = draft.App.Trim() }, FnId.New(time), Timestamp.Now(time)) : null;
        if (newApp is not null && AppRules.Check(newApp) is { } badApp)
            return DraftReader.Wrong(badApp);
        (input.AppId, input.Name) = ((app ?? newApp)!.Id, draft.Name.Trim());
        if (FunctionRules.CheckNew(input) is { } problem)
            return DraftReader.Wrong(problem);
        var function = FunctionRules.New(input, FnId.New(time), (app ?? newApp)!.Shape, Timestamp.Now(time));
        return await deploys.DeployAsync(new DeployedRows { NewApp = newApp, NewFunction = function }, cancel) switch
        {
            WriteOutcome.Done => SaveOutcome.Saved(function.Id),
            WriteOutcome.ParentMissing => SaveOutcome.Wrong(DraftField.App, "The app was deleted just now. Save again to make it anew."),
            _ => DraftReader.Wrong(FunctionErrors.Exists),
        };
    }

    /// <summary>Changes a function.</summary>
    public async Task<SaveOutcome> UpdateAsync(string id, FunctionDraft draft, CancellationToken cancel)
    {
        while (true)
        {
            if (await functions.FindFunctionAsync(id, cancel) is not { } current)
                return SaveOutcome.Wrong(DraftField.None, "The function was deleted meanwhile.");
            var input = DraftReader.Read(draft, current, out var unreadable);
            if (unreadable is not null)
                return unreadable;
            if (FunctionRules.CheckUpdate(current, input) is { } problem)
                return DraftReader.Wrong(problem);
            var merged = FunctionRules.Merge(current, input, Timestamp.Now(time));
            // Stale: another update came in between, and this one is merged into what that one left.
            if (ReferenceEquals(merged, current) || await functions.ReplaceFunctionAsync(merged, cancel) != WriteOutcome.Stale)
                return SaveOutcome.Saved(id);
        }
    }
}
