using System.Diagnostics;

namespace Fn.Bench.Cluster;

/// <summary>What the runners' reports cost from when this is made until it is read.</summary>
internal sealed class Traffic(RedisProcess redis, SimulatedCluster cluster, SimulatedGateway gateway)
{
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly long _reports = cluster.Reports;
    private readonly (long Count, TimeSpan Applying) _received = gateway.Received;
    private readonly TimeSpan _cpu = redis.Cpu;

    /// <summary>Reports a second, microseconds in which the gateway applies one, and Redis' part of a processor.</summary>
    public (double Reports, double ApplyMicros, double RedisCpu) Read()
    {
        var took = Stopwatch.GetElapsedTime(_begun).TotalSeconds;
        var (count, applying) = gateway.Received;
        return (
            (cluster.Reports - _reports) / took,
            (applying - _received.Applying).TotalMicroseconds / Math.Max(1, count - _received.Count),
            (redis.Cpu - _cpu).TotalSeconds / took);
    }
}
