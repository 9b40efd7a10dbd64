using Fn.Api.Apps;
using Fn.Api.Http;
using Fn.Api.Json;
using Fn.Api.Store;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Functions;

/// <summary>The calls on <c>/v2/fns</c>.</summary>
internal sealed class FunctionEndpoints(IAppStore apps, IFunctionStore functions, PublicAddress address, TimeProvider time)
{
    public async Task<ApiAnswer> ListAsync(HttpContext context)
    {
        if (context.QueryText("app_id") is not { } appId)
            return FunctionErrors.MissingAppId;
        if (!ListPage.TryRead(context, out var page))
            return ApiError.Internal;
        var found = await functions.ListFunctionsAsync(appId, context.QueryText("name"), page, context.RequestAborted);
        var baseUrl = address.BaseFor(context.Request);
        return page.Write(found, function => function.Name, (json, function) => FunctionJson.Write(json, function, baseUrl, read: true));
    }

    public async Task<ApiAnswer> GetAsync(HttpContext context) =>
        await functions.FindFunctionAsync(context.RouteText("id"), context.RequestAborted) is { } function
            ? Answer(function, address.BaseFor(context.Request), read: true)
            : FunctionErrors.NotFound;

    public async Task<ApiAnswer> CreateAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync<FunctionInput>(context.Request) is not { } input)
            return ApiError.InvalidJson;
        if (FunctionRules.CheckNew(input) is { } problem)
            return problem;
        if (await apps.FindAppAsync(input.AppId!, context.RequestAborted) is not { } app)
            return AppErrors.NotFound;
        var function = FunctionRules.New(input, FnId.New(time), app.Shape, Timestamp.Now(time));
        return await functions.AddFunctionAsync(function, context.RequestAborted) switch
        {
            WriteOutcome.Done => Answer(function, address.BaseFor(context.Request), read: false),
            WriteOutcome.ParentMissing => AppErrors.NotFound,
            _ => FunctionErrors.Exists,
        };
    }

    public async Task<ApiAnswer> UpdateAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync<FunctionInput>(context.Request) is not { } input)
            return ApiError.InvalidJson;
        var id = context.RouteText("id");
        if (!string.IsNullOrEmpty(input.Id) && input.Id != id)
            return FunctionErrors.IdMismatch;
        while (true)
        {
            if (await functions.FindFunctionAsync(id, context.RequestAborted) is not { } current)
                return FunctionErrors.NotFound;
            if (FunctionRules.CheckUpdate(current, input) is { } problem)
                return problem;
            var merged = FunctionRules.Merge(current, input, Timestamp.Now(time));
            // Stale: another update came in between, and this one is merged into what that one left.
            if (ReferenceEquals(merged, current) || await functions.ReplaceFunctionAsync(merged, context.RequestAborted) != WriteOutcome.Stale)
                return Answer(merged, null, read: false);
        }
    }

    public async Task<ApiAnswer> DeleteAsync(HttpContext context) =>
        await functions.DeleteFunctionAsync(context.RouteText("id"), context.RequestAborted) ? ApiAnswer.NoContent : FunctionErrors.NotFound;

    private static ApiAnswer Answer(Function function, string? address, bool read)
    {
        var json = new JsonTextWriter();
        FunctionJson.Write(json, function, address, read);
        return json;
    }
}
