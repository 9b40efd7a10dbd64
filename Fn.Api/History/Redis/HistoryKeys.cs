using StackExchange.Redis;

namespace Fn.Api.History.Redis;

/// <summary>The history's names in Redis. Every key expires.</summary>
internal static class HistoryKeys
{
    /// <summary>Channel of <see cref="CallBatch"/>.</summary>
    public static readonly RedisChannel Batches = RedisChannel.Literal("fn:calls");

    /// <summary>Channel of <see cref="HourOfCalls"/>.</summary>
    public static readonly RedisChannel Hours = RedisChannel.Literal("fn:hours");

    /// <summary>Set of the gateways that told something.</summary>
    public static readonly RedisKey Gateways = "fn:gateways";

    /// <summary>A gateway's last batches, the newest first.</summary>
    public static RedisKey BatchesOf(string gateway) => $"fn:{{{gateway}}}:calls";

    /// <summary>A gateway's hours: hash of number to <see cref="HourOfCalls"/>.</summary>
    public static RedisKey HoursOf(string gateway) => $"fn:{{{gateway}}}:hours";
}
