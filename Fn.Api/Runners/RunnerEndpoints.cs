using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Invocation;
using Fn.Api.Json;
using Fn.Api.Placement;

namespace Fn.Api.Runners;

/// <summary>The calls on <c>/v2/runners</c>: what this gateway knows of the runners, and what an operator can have them do.</summary>
internal sealed class RunnerEndpoints(ClusterView view, RunnerOrders orders, IFunctionResolver functions, TimeProvider time)
{
    private static readonly ApiError NotFound = new(StatusCodes.Status404NotFound, "Runner not found");

    public Task<ApiAnswer> ListAsync(HttpContext context)
    {
        var json = new JsonTextWriter();
        json.StartObject();
        json.Name("items");
        json.StartArray();
        foreach (var runner in view.Runners.OrderBy(runner => runner.Address, StringComparer.Ordinal))
            RunnerJson.Write(json, runner, time);
        json.EndArray();
        json.EndObject();
        return Task.FromResult<ApiAnswer>(json);
    }

    public Task<ApiAnswer> GetAsync(HttpContext context)
    {
        if (Find(context) is not { } runner)
            return Task.FromResult<ApiAnswer>(NotFound);
        var json = new JsonTextWriter();
        RunnerJson.Write(json, runner, time);
        return Task.FromResult<ApiAnswer>(json);
    }

    /// <summary>What is hot of one function, and where.</summary>
    public async Task<ApiAnswer> HotAsync(HttpContext context)
    {
        var function = context.RouteText("id");
        var pools = view.Runners.SelectMany(runner => runner.Pools).Where(pool => pool.FunctionId == function && pool.Record is not null).ToList();
        // What a function that was deleted meanwhile still has is of interest.
        if (pools.Count == 0 && await functions.ResolveAsync(function, context.RequestAborted) is null)
            return FunctionErrors.NotFound;
        var json = new JsonTextWriter();
        json.StartObject();
        json.Name("items");
        json.StartArray();
        foreach (var pool in pools)
            RunnerJson.WritePool(json, pool, pool.Runner, time, withRunner: true);
        json.EndArray();
        json.EndObject();
        return json;
    }

    public async Task<ApiAnswer> DrainAsync(HttpContext context) => Find(context) is { } runner
        ? Answer(runner, await orders.DrainAsync(runner, context.RequestAborted), ApiAnswer.NoContent)
        : NotFound;

    public async Task<ApiAnswer> EvictAsync(HttpContext context)
    {
        if (Find(context) is not { } runner)
            return NotFound;
        var (outcome, evicted) = await orders.EvictAsync(runner, context.QueryText("fn_id"), context.RequestAborted);
        var json = new JsonTextWriter();
        json.StartObject();
        json.Field("evicted", evicted);
        json.EndObject();
        return Answer(runner, outcome, json);
    }

    private static ApiAnswer Answer(RunnerView runner, OrderOutcome outcome, ApiAnswer done) => outcome switch
    {
        OrderOutcome.Done => done,
        OrderOutcome.NotReached => new ApiError(StatusCodes.Status503ServiceUnavailable, $"Runner {runner.Address} could not be reached"),
        _ => NotFound,
    };

    /// <summary>By id, by HOST:PORT, or by a name that only one has.</summary>
    private RunnerView? Find(HttpContext context)
    {
        var text = context.RouteText("runner");
        var runners = view.Runners;
        var named = Array.FindAll(runners, runner => runner.Record?.Name == text);
        return Array.Find(runners, runner => runner.Record?.Id == text || runner.Address == text || runner.Address == $"http://{text}")
            ?? (named is [var only] ? only : null);
    }
}
