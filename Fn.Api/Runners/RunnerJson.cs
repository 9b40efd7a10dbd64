using System.Globalization;
using Fn.Api.Json;
using Fn.Api.Placement;

namespace Fn.Api.Runners;

/// <summary>Runners as answers show them: what each reported last. Times are milliseconds ago or left, never instants; sizes are bytes.</summary>
internal static class RunnerJson
{
    public static void Write(JsonTextWriter json, RunnerView runner, TimeProvider time)
    {
        json.StartObject();
        json.Field("address", runner.Address);
        if (runner.Record is not { } record)
        {
            // Told of by configuration and without a registry: whether it is there shows when it is called.
            json.Name("reports");
            json.Raw("false");
            json.EndObject();
            return;
        }
        json.Field("id", record.Id);
        json.Field("name", record.Name ?? "");
        json.Name("reports");
        json.Raw("true");
        json.Name("draining");
        json.Raw(record.Draining ? "true" : "false");
        json.Field("heard_ago", Ago(runner.HeardAt, time));
        json.Field("memory", record.Memory);
        json.Field("memory_reserved", record.Reserved);
        json.Field("starting", record.Starting);
        json.Field("max_starts", record.MaxStarts);
        json.Field("waiting", record.Waiting);
        json.Field("calls", record.Calls);
        json.Name("hot");
        json.StartArray();
        foreach (var pool in runner.Pools.Where(pool => pool.Record is not null).OrderBy(pool => pool.FunctionId, StringComparer.Ordinal))
            WritePool(json, pool, runner, time, withRunner: false);
        json.EndArray();
        json.EndObject();
    }

    public static void WritePool(JsonTextWriter json, PoolView pool, RunnerView runner, TimeProvider time, bool withRunner)
    {
        if (pool.Record is not { } record)
            return;
        json.StartObject();
        if (withRunner)
        {
            json.Field("runner_id", runner.Record?.Id ?? "");
            json.Field("runner_address", runner.Address);
        }
        json.Field("fn_id", pool.FunctionId);
        json.Field("revision", pool.Revision);
        json.Field("memory", pool.Memory);
        json.Field("idle", record.Idle);
        json.Field("busy", record.Busy);
        json.Field("starting", record.Starting);
        json.Field("waiting", record.Waiting);
        json.Field("min_hot", record.Floor);
        json.Name("service_time");
        json.Raw(record.ServiceMs?.ToString(CultureInfo.InvariantCulture) ?? "null");
        json.Name("start_time");
        json.Raw(record.StartMs.ToString(CultureInfo.InvariantCulture));
        json.Field("used_ago", Ago(pool.Look().UsedAt, time));
        json.Name("idle_containers");
        json.StartArray();
        foreach (var idle in IdleContainerSight.Of(record, runner, time))
            WriteIdle(json, idle);
        json.EndArray();
        json.EndObject();
    }

    private static void WriteIdle(JsonTextWriter json, IdleContainerSight idle)
    {
        json.StartObject();
        json.Field("idle_ago", (long)idle.Ago.TotalMilliseconds);
        json.Name("idle_left");
        json.Raw(idle.Left is { } left ? ((long)left.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) : "null");
        json.Name("kept");
        json.Raw(idle.Kept ? "true" : "false");
        json.EndObject();
    }

    private static long Ago(long timestamp, TimeProvider time) => Math.Max(0, (long)time.GetElapsedTime(timestamp).TotalMilliseconds);
}
