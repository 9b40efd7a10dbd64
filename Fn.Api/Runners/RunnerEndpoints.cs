using System.Text.Json;
using Fn.Api.Http;
using Fn.Api.Json;
using Fn.Api.Placement;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Runners;

/// <summary>The calls on <c>/v2/runners</c>: what this gateway knows of the runners, and what an operator can have them do.</summary>
internal sealed partial class RunnerEndpoints(ClusterView view, TimeProvider time, ILogger<RunnerEndpoints> logger)
{
    /// <summary>How long a runner may take to say that it does what it was asked; one that hangs never does.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

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
    public Task<ApiAnswer> HotAsync(HttpContext context)
    {
        var function = context.RouteText("id");
        var json = new JsonTextWriter();
        json.StartObject();
        json.Name("items");
        json.StartArray();
        foreach (var runner in view.Runners)
        {
            foreach (var pool in runner.Pools.Where(pool => pool.FunctionId == function && pool.Record is not null))
                RunnerJson.WritePool(json, pool, runner, time, withRunner: true);
        }
        json.EndArray();
        json.EndObject();
        return Task.FromResult<ApiAnswer>(json);
    }

    public Task<ApiAnswer> DrainAsync(HttpContext context) => ControlAsync(context, async (control, cancel) =>
    {
        await control.DrainAsync(cancel);
        return ApiAnswer.NoContent;
    });

    public Task<ApiAnswer> EvictAsync(HttpContext context) => ControlAsync(context, async (control, cancel) =>
    {
        var json = new JsonTextWriter();
        json.StartObject();
        json.Field("evicted", await control.EvictIdleAsync(context.QueryText("fn_id"), cancel));
        json.EndObject();
        return json;
    });

    private async Task<ApiAnswer> ControlAsync(HttpContext context, Func<IRunnerControl, CancellationToken, Task<ApiAnswer>> ask)
    {
        if (Find(context) is not { } runner || !runner.TryUse())
            return NotFound;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        enough.CancelAfter(Limit);
        try
        {
            return runner.Runner is IRunnerControl control ? await ask(control, enough.Token) : NotFound;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException
            || (e is OperationCanceledException && !context.RequestAborted.IsCancellationRequested))
        {
            Log.NotReached(logger, runner.Address, e);
            return new ApiError(StatusCodes.Status503ServiceUnavailable, $"Runner {runner.Address} could not be reached");
        }
        finally
        {
            runner.EndUse();
        }
    }

    /// <summary>By id, by HOST:PORT, or by a name that only one has.</summary>
    private RunnerView? Find(HttpContext context)
    {
        var text = context.RouteText("runner");
        var runners = view.Runners;
        var named = Array.FindAll(runners, runner => runner.Record?.Name == text);
        return Array.Find(runners, runner => runner.Record?.Id == text || runner.Address == text || runner.Address == $"http://{text}")
            ?? (named is [var only] ? only : null);
    }

    private static partial class Log
    {
        [LoggerMessage(1230, LogLevel.Warning, "Runner {Address} could not be reached")]
        public static partial void NotReached(ILogger logger, string address, Exception exception);
    }
}
