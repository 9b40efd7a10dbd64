using System.Globalization;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Invocation;
using Fn.Api.Json;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.Options;

namespace Fn.Api.History;

/// <summary><c>/v2/fns/{id}/calls</c> and <c>/v2/calls/{id}</c>: the calls that are over, for a while.</summary>
internal sealed class CallEndpoints(ICallHistory history, ICallShare share, IOptions<HistoryOptions> options, IFunctionResolver functions)
{
    private ApiError NotFound => new(
        StatusCodes.Status404NotFound,
        $"Call not found: calls are kept for {DurationText.Format(history.Keep)} after their end, fewer of a function that is called often"
        + (share.Shares ? $"; of more than {options.Value.MaxShared} calls a second a gateway tells the others of the cold and failed ones first" : ""));

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
        json.Name("last_24h");
        CallJson.Write(json, history.Day(functionId));
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
            return Task.FromResult<ApiAnswer>(NotFound);
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
