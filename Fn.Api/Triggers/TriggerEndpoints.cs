using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Json;
using Fn.Api.Store;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Triggers;

/// <summary>The calls on <c>/v2/triggers</c>, and the look-up by source.</summary>
internal sealed class TriggerEndpoints(IAppStore apps, IFunctionStore functions, ITriggerStore triggers, PublicAddress address, TimeProvider time)
{
    public async Task<ApiAnswer> ListAsync(HttpContext context)
    {
        if (context.QueryText("app_id") is not { } appId)
            return TriggerErrors.MissingAppId;
        if (!ListPage.TryRead(context, out var page))
            return ApiError.Internal;
        var cancel = context.RequestAborted;
        // One more than is shown, to see whether it has the name of the last one that is: several functions of an app may have a trigger of one name.
        var read = await triggers.ListTriggersAsync(appId, context.QueryText("fn_id"), context.QueryText("name"), page with { Size = page.Size + 1 }, cancel);
        var found = read.Take(page.Size).ToList();
        var isNameCut = read.Count > page.Size && read[^1].Name == found[^1].Name;
        var appUrl = found.Count > 0 && await apps.FindAppAsync(appId, cancel) is { } app ? AppUrl(context, app) : null;
        return page.Write(
            found, last => isNameCut ? ListPage.Position(last.Name, last.Id) : last.Name, (json, trigger) => TriggerJson.Write(json, trigger, appUrl));
    }

    public async Task<ApiAnswer> GetAsync(HttpContext context)
    {
        if (await triggers.FindTriggerAsync(context.RouteText("id"), context.RequestAborted) is not { } trigger)
            return TriggerErrors.NotFound;
        var app = await apps.FindAppAsync(trigger.AppId, context.RequestAborted);
        return app is null ? TriggerErrors.NotFound : Answer(trigger, AppUrl(context, app));
    }

    public async Task<ApiAnswer> FindBySourceAsync(HttpContext context)
    {
        // Cut from the target as sent and decoded once: routing leaves %2F in it. One slash of two was dropped with the segment before.
        var source = Uri.UnescapeDataString(context.RawPath().Split('/', 8)[^1]);
        var found = await triggers.FindTriggerBySourceAsync(context.RouteText("app"), context.RouteText("type"), source, context.RequestAborted);
        return found is null ? TriggerErrors.NotFound : Answer(found, null);
    }

    public async Task<ApiAnswer> CreateAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync<TriggerInput>(context.Request) is not { } input)
            return ApiError.InvalidJson;
        if (TriggerRules.CheckNew(input) is { } misuse)
            return misuse;
        var trigger = TriggerRules.New(input, FnId.New(time), Timestamp.Now(time));
        if (TriggerRules.Check(trigger) is { } problem)
            return problem;
        if (await apps.FindAppAsync(trigger.AppId, context.RequestAborted) is not { } app)
            return AppErrors.NotFound;
        if (await CheckFunctionAsync(trigger, context.RequestAborted) is { } noFunction)
            return noFunction;
        var outcome = await triggers.AddTriggerAsync(trigger, context.RequestAborted);
        return outcome == WriteOutcome.Done ? Answer(trigger, AppUrl(context, app)) : await ExplainAsync(outcome, trigger, context.RequestAborted);
    }

    public async Task<ApiAnswer> UpdateAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync<TriggerInput>(context.Request) is not { } input)
            return ApiError.InvalidJson;
        var id = context.RouteText("id");
        if (!string.IsNullOrEmpty(input.Id) && input.Id != id)
            return TriggerErrors.IdMismatch;
        while (true)
        {
            if (await triggers.FindTriggerAsync(id, context.RequestAborted) is not { } current)
                return TriggerErrors.NotFound;
            var merged = TriggerRules.Merge(current, input, Timestamp.Now(time));
            if (TriggerRules.Check(merged) is { } problem)
                return problem;
            if (ReferenceEquals(merged, current))
                return Answer(current, null);
            if (merged.FunctionId != current.FunctionId && await CheckFunctionAsync(merged, context.RequestAborted) is { } noFunction)
                return noFunction;
            var outcome = await triggers.ReplaceTriggerAsync(merged, context.RequestAborted);
            if (outcome == WriteOutcome.Done)
                return Answer(merged, null);
            // Stale: another update came in between, and this one is merged into what that one left.
            if (outcome != WriteOutcome.Stale)
                return await ExplainAsync(outcome, merged, context.RequestAborted);
        }
    }

    public async Task<ApiAnswer> DeleteAsync(HttpContext context) =>
        await triggers.DeleteTriggerAsync(context.RouteText("id"), context.RequestAborted) ? ApiAnswer.NoContent : TriggerErrors.NotFound;

    private async Task<ApiError?> CheckFunctionAsync(Trigger trigger, CancellationToken cancel)
    {
        if (await functions.FindFunctionAsync(trigger.FunctionId, cancel) is not { } function)
            return FunctionErrors.NotFound;
        return function.AppId == trigger.AppId ? null : TriggerErrors.FunctionOfOtherApp;
    }

    private async Task<ApiError> ExplainAsync(WriteOutcome outcome, Trigger trigger, CancellationToken cancel)
    {
        if (outcome == WriteOutcome.ParentMissing)
            return await apps.FindAppAsync(trigger.AppId, cancel) is null ? AppErrors.NotFound : FunctionErrors.NotFound;
        var holder = await triggers.FindTriggerBySourceAsync(trigger.AppId, trigger.Type, trigger.Source, cancel);
        return holder is not null && holder.Id != trigger.Id ? TriggerErrors.SourceExists : TriggerErrors.Exists;
    }

    private string AppUrl(HttpContext context, App app) => $"{address.BaseFor(context.Request)}/t/{app.Name}";

    private static ApiAnswer Answer(Trigger trigger, string? appUrl)
    {
        var json = new JsonTextWriter();
        TriggerJson.Write(json, trigger, appUrl);
        return json;
    }
}
