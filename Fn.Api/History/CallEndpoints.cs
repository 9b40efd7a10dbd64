using System.Globalization;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Invocation;
using Fn.Api.Json;
using Fn.ServiceDefaults.Configuration;

namespace Fn.Api.History;

/// <summary><c>/v2/fns/{id}/calls</c> and <c>/v2/calls/{id}</c>: the calls that are over, for a while.</summary>
internal sealed class CallEndpoints(ICallHistory history, IFunctionResolver functions)
{
    public async Task<ApiAnswer> ListAsync(HttpContext context)
    {
        var functionId = context.RouteText("id");
        if (!TryRead(context, "cold", out var cold) || !TryRead(context, "failed", out var failed))
            return new ApiError(StatusCodes.Status400BadRequest, "Invalid filter: cold and failed are true or false");
        var size = ReadSize(context.QueryText("per_page"));
        var calls = history.Recent(new CallFilter(functionId, cold, failed, size, context.QueryText("cursor")));
        // Calls of a function that was deleted meanwhile are still of interest.
        if (calls.Count == 0 && await functions.ResolveAsync(functionId, context.RequestAborted) is null)
            return FunctionErrors.NotFound;
        var json = new JsonTextWriter();
        json.StartObject();
        if (calls.Count == size)
            json.Field("next_cursor", calls[^1].CallId);
        json.Name("items");
        json.StartArray();
        foreach (var call in calls)
            CallJson.Write(json, call);
        json.EndArray();
        json.EndObject();
        return json;
    }

    public Task<ApiAnswer> GetAsync(HttpContext context)
    {
        if (history.Find(context.RouteText("call")) is not { } call)
        {
            var keep = DurationText.Format(history.Keep);
            return Task.FromResult<ApiAnswer>(new ApiError(
                StatusCodes.Status404NotFound, $"Call not found: calls are kept for {keep} after their end, fewer of a function that is called often"));
        }
        var json = new JsonTextWriter();
        CallJson.Write(json, call);
        return Task.FromResult<ApiAnswer>(json);
    }

    private static bool TryRead(HttpContext context, string name, out bool? value)
    {
        value = context.QueryText(name) switch
        {
            "true" or "1" => true,
            "false" or "0" => false,
            _ => null,
        };
        return value is not null || context.QueryText(name) is null;
    }

    private static int ReadSize(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? Math.Min(size, ListPage.MaxSize) : ListPage.DefaultSize;
}
