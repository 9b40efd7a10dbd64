using Fn.Api.Placement;
using Fn.Api.Runners;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Registry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fn.Tests.Api.Placement;

/// <summary>Views of clusters whose runners are the test's.</summary>
internal static class Views
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>A view of runners that were given.</summary>
    public static ClusterView Of(TimeProvider time, params RunnerView[] given) => Make(time, ClusterKey.None, mayGrow: false, null, given);

    /// <summary>A view that a registry feeds.</summary>
    public static ClusterView Make(TimeProvider time, ClusterKey key, bool mayGrow = true, IRunner? inProcess = null, params RunnerView[] given) => new(
        given,
        new RunnerConnector(inProcess, key, NullLoggerFactory.Instance),
        key,
        Options.Create(new ClusterOptions { Lease = Lease }),
        new RegistryHealth(),
        time,
        NullLogger<ClusterView>.Instance)
    {
        MayGrow = mayGrow,
    };

    /// <summary>What a runner reports of itself.</summary>
    public static RunnerRecord Runner(int number, long sequence = 1, long memoryMiB = 256, long reservedMiB = 0, string epoch = "1") => new()
    {
        Id = $"runner-{number}",
        Epoch = epoch,
        Sequence = sequence,
        Address = $"http://127.0.0.1:{9000 + number}",
        Memory = memoryMiB << 20,
        Reserved = reservedMiB << 20,
        MaxStarts = 4,
        Uptime = 1_000_000,
    };

    /// <summary>What a runner reports of a function.</summary>
    /// <param name="idleAgo">How many milliseconds ago its idle containers became idle, the least recently used first.</param>
    /// <param name="busy">Busy containers.</param>
    public static PoolRecord Pool(long[] idleAgo, int busy = 0) => new()
    {
        FunctionId = "f",
        Memory = 64L << 20,
        Idle = idleAgo.Length,
        Busy = busy,
        ServiceMs = 5,
        StartMs = 100,
        UsedAt = 1_000_000 - (idleAgo.Length > 0 ? idleAgo[^1] : 0),
        IdleSince = [.. idleAgo.Select(ago => 1_000_000 - ago)],
    };

    /// <summary>All that a runner has.</summary>
    public static RegistryReport Full(RunnerRecord runner, params (string Revision, PoolRecord Pool)[] pools) => Change(runner, pools) with { Full = true };

    /// <summary>When the least recently used idle container of a runner became idle.</summary>
    public static long OldestIdle(RunnerView runner) => runner.LookAtIdle(runner.Look(0, askable: true)).OldestIdle;

    /// <summary>What has changed on a runner.</summary>
    public static RegistryReport Change(RunnerRecord runner, params (string Revision, PoolRecord Pool)[] pools) =>
        new() { Runner = runner, Pools = pools.ToDictionary(pool => pool.Revision, pool => pool.Pool) };
}
