using System.Diagnostics;
using System.Text.Json;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Registry;

namespace Fn.Bench.Cluster;

/// <summary>One simulated cluster of a size, with two gateways: what it costs.</summary>
internal sealed class ScaleRun(RedisProcess redis, SimulatedCluster cluster, CancellationToken cancel) : IAsyncDisposable
{
    private const int HotQuiet = 20_000;
    private const int ColdQuiet = 500;
    private static readonly TimeSpan Streaming = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<SimulatedGateway> _gateways = [];
    private readonly Random _random = new(1);
    private int _functions = 10_000_000;

    public async Task<ScaleFigures> RunAsync()
    {
        await cluster.JoinAsync(cancel);
        var (joinQuiet, bytes) = await AddFirstGatewayAsync();
        await AddGatewayAsync();
        var (hotQuiet, freeQuiet, victimQuiet) = (new Decisions(), new Decisions(), new Decisions());
        await DecideQuietlyAsync(hotQuiet, freeQuiet, victimQuiet);

        cluster.Begin();
        await HoldsAsync(() => cluster.IsStored);
        var (hot, free, victim) = (new Decisions(), new Decisions(), new Decisions());
        var traffic = new Traffic(redis, cluster, _gateways[0]);
        await DecideAsync(hot, free);
        await SetShortAsync(true);
        await DecideAsync(hot, victim);
        var (messages, applyMicros, cpu) = traffic.Read();
        await SetShortAsync(false);
        var join = await AddGatewayAsync();

        return new ScaleFigures
        {
            Runners = cluster.Runners.Length,
            Functions = cluster.Functions.Length,
            Pools = cluster.Pools,
            ReportIntervalMs = cluster.Interval.TotalMilliseconds,
            HotQuiet = hotQuiet.Figures,
            FreeQuiet = freeQuiet.Figures,
            VictimQuiet = victimQuiet.Figures,
            Hot = hot.Figures,
            Free = free.Figures,
            Victim = victim.Figures,
            ViewBytes = bytes,
            MessagesPerSecond = messages,
            StreamBytesPerSecond = messages * MeanMessage(),
            ApplyMicros = applyMicros,
            RedisCpu = cpu,
            JoinQuietMs = joinQuiet.TotalMilliseconds,
            JoinMs = join.TotalMilliseconds,
            FlushMs = await FlushAsync(),
            RestartMs = await RestartAsync(),
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
            await gateway.DisposeAsync();
    }

    /// <summary>Adds a gateway while nothing else goes on, and weighs it.</summary>
    private async Task<(TimeSpan Join, long Bytes)> AddFirstGatewayAsync()
    {
        var member = new Member(redis);
        member.Connect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var gateway = new SimulatedGateway(cluster, member);
        _gateways.Add(gateway);
        var join = await gateway.JoinAsync(cancel);
        return (join, GC.GetTotalMemory(forceFullCollection: true) - before);
    }

    private async Task<TimeSpan> AddGatewayAsync()
    {
        var gateway = new SimulatedGateway(cluster, new Member(redis));
        _gateways.Add(gateway);
        return await gateway.JoinAsync(cancel);
    }

    /// <summary>One decision after the other, without reports meanwhile: what the choice itself costs.</summary>
    private async Task DecideQuietlyAsync(Decisions hot, Decisions free, Decisions victim)
    {
        // The first ones are made by code that is not yet compiled for speed.
        await DecideAsync(new Decisions(), new Decisions(), HotQuiet, ColdQuiet);
        await cluster.TellAsync(cancel);
        await DecideAsync(hot, free, HotQuiet, ColdQuiet);
        cluster.SetShort(true);
        await cluster.TellAsync(cancel);
        await HoldsAsync(() => _gateways[0].SeesShort(true));
        await DecideAsync(hot, victim, 0, ColdQuiet);
        cluster.SetShort(false);
    }

    private async Task DecideAsync(Decisions hot, Decisions cold, int hotCount, int coldCount)
    {
        for (var i = 0; i < hotCount; i++)
            await hot.PlaceAsync(_gateways[0].Placer, HotFunction(), cold: false);
        for (var i = 0; i < coldCount; i++)
            await cold.PlaceAsync(_gateways[0].Placer, ColdFunction(), cold: true);
    }

    /// <summary>A thousand hot calls and a hundred cold ones a second, while the runners report.</summary>
    private async Task DecideAsync(Decisions hot, Decisions cold)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Streaming;)
        {
            await tick.WaitForNextTickAsync(cancel);
            await DecideAsync(hot, cold, hotCount: 10, coldCount: 1);
        }
    }

    private async Task SetShortAsync(bool isShort)
    {
        cluster.SetShort(isShort);
        await HoldsAsync(() => _gateways[0].SeesShort(isShort));
    }

    private async Task<double> FlushAsync()
    {
        await redis.FlushAsync();
        var begun = Stopwatch.GetTimestamp();
        foreach (var runner in cluster.Runners)
            runner.IsStored = false;
        return await AgreeAsync(begun);
    }

    private async Task<double> RestartAsync()
    {
        await redis.StopAsync();
        await Task.Delay(Outage, TimeProvider.System, cancel);
        await redis.StartAgainAsync(cancel);
        return await AgreeAsync(Stopwatch.GetTimestamp());
    }

    /// <summary>Milliseconds until the registry and every gateway have everything; a gateway that comes then has it from the registry alone.</summary>
    private async Task<double> AgreeAsync(long since)
    {
        cluster.IsStill = true;
        await HoldsAsync(() => cluster.IsStored && _gateways.TrueForAll(static gateway => gateway.SeesAll()));
        var took = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        await using var late = new SimulatedGateway(cluster, new Member(redis));
        await late.JoinAsync(cancel);
        await HoldsAsync(late.SeesAll);
        cluster.IsStill = false;
        return took;
    }

    private async Task HoldsAsync(Func<bool> condition)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        for (var begun = Stopwatch.GetTimestamp(); !condition();)
        {
            if (Stopwatch.GetElapsedTime(begun) > Patience)
                throw new TimeoutException($"The cluster was not what it should be within {Patience.TotalSeconds} s.");
            await tick.WaitForNextTickAsync(cancel);
        }
    }

    private double MeanMessage() => cluster.Runners.Take(100).Average(
        static runner => JsonSerializer.SerializeToUtf8Bytes(runner.Changes(SimulatedCluster.ChangedPools), RegistryJson.Default.RegistryReport).Length);

    private FunctionSpec HotFunction() => cluster.Functions[_random.Next(cluster.Functions.Length)];

    // One that nobody has called before.
    private FunctionSpec ColdFunction() => Calls.Function(_functions++, 64);
}
