using StackExchange.Redis;

namespace Fn.ServiceDefaults.Registry;

/// <summary>
/// The registry's names in Redis. What belongs to one runner has the runner's id as its hash tag, so that it is in one slot of a Redis Cluster and can be
/// written in one transaction. Every key expires.
/// </summary>
internal static class RedisKeys
{
    /// <summary>Set of the ids of all runners.</summary>
    public static readonly RedisKey Runners = "fn:runners";

    /// <summary>Channel of the reports.</summary>
    public static readonly RedisChannel Reports = RedisChannel.Literal("fn:reports");

    /// <summary>A runner's record (JSON). While it is there, the runner lives.</summary>
    public static RedisKey Runner(string id) => $"fn:{{{id}}}:runner";

    /// <summary>A runner's pools: hash of revision to record (JSON).</summary>
    public static RedisKey Pools(string id) => $"fn:{{{id}}}:pools";
}
