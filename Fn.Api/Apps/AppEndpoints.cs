using Fn.Api.Http;
using Fn.Api.Json;
using Fn.Api.Store;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Apps;

/// <summary>The calls on <c>/v2/apps</c>.</summary>
internal sealed class AppEndpoints(IAppStore store, TimeProvider time)
{
    public async Task<ApiAnswer> ListAsync(HttpContext context)
    {
        if (!ListPage.TryRead(context, out var page))
            return ApiError.Internal;
        var apps = await store.ListAppsAsync(context.QueryText("name"), page, context.RequestAborted);
        return page.Write(apps, app => app.Name, AppJson.Write);
    }

    public async Task<ApiAnswer> GetAsync(HttpContext context) =>
        await store.FindAppAsync(context.RouteText("id"), context.RequestAborted) is { } app ? Answer(app) : AppErrors.NotFound;

    public async Task<ApiAnswer> CreateAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync<AppInput>(context.Request) is not { } input)
            return ApiError.InvalidJson;
        if (AppRules.CheckNew(input) is { } misuse)
            return misuse;
        var app = AppRules.New(input, FnId.New(time), Timestamp.Now(time));
        if (AppRules.Check(app) is { } problem)
            return problem;
        return await store.AddAppAsync(app, context.RequestAborted) == WriteOutcome.Done ? Answer(app) : AppErrors.Exists;
    }

    public async Task<ApiAnswer> UpdateAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync<AppInput>(context.Request) is not { } input)
            return ApiError.InvalidJson;
        var id = context.RouteText("id");
        if (!string.IsNullOrEmpty(input.Id) && input.Id != id)
            return AppErrors.IdMismatch;
        while (true)
        {
            if (await store.FindAppAsync(id, context.RequestAborted) is not { } current)
                return AppErrors.NotFound;
            var merged = AppRules.Merge(current, input, Timestamp.Now(time));
            if ((AppRules.CheckUpdate(current, input) ?? AppRules.Check(merged)) is { } problem)
                return problem;
            // Stale: another update came in between, and this one is merged into what that one left.
            if (ReferenceEquals(merged, current) || await store.ReplaceAppAsync(merged, context.RequestAborted) != WriteOutcome.Stale)
                return Answer(merged);
        }
    }

    public async Task<ApiAnswer> DeleteAsync(HttpContext context) =>
        await store.DeleteAppAsync(context.RouteText("id"), context.RequestAborted) ? ApiAnswer.NoContent : AppErrors.NotFound;

    private static ApiAnswer Answer(App app)
    {
        var json = new JsonTextWriter();
        AppJson.Write(json, app);
        return json;
    }
}
