using System.Globalization;

namespace Fn.Bench.RedisOps;

/// <summary>What a cluster of one gateway and three runners asks of Redis for each call, and how it does beside one process that is both.</summary>
internal static class RedisOpsBench
{
    private const int Functions = 4;
    private const int Clients = 16;
    private const int Rounds = 3;
    private const int CallsPerSecond = 1000;
    private static readonly TimeSpan Paced = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    public static async Task<RedisOpsFigures> RunAsync(CancellationToken cancel)
    {
        await using var redis = await RedisProcess.StartAsync(cancel);
        await using var cluster = await Services.StartClusterAsync(redis, runners: 3, cancel);
        await using var embedded = await Services.StartEmbeddedAsync(cancel);
        await cluster.CreateAsync(Functions, cancel);
        await embedded.CreateAsync(Functions, cancel);
        foreach (var services in (Services[])[cluster, embedded])
            await ClosedLoop.RunAsync(Clients, Round, services.CallAsync, cancel);

        var before = await redis.CommandsAsync();
        var cpu = redis.Cpu;
        var paced = await ClosedLoop.RunAsync(Clients, Paced, cluster.CallAsync, cancel, TimeSpan.FromSeconds(1) * Clients / CallsPerSecond);
        var after = await redis.CommandsAsync();
        var commands = after
            .Where(static command => command.Key != "info")
            .Select(command => (command.Key, Count: command.Value - before.GetValueOrDefault(command.Key)))
            .Where(static command => command.Count > 0)
            .OrderByDescending(static command => command.Count)
            .ToDictionary(static command => command.Key, command => (double)command.Count / paced.Calls);
        var redisCpu = (redis.Cpu - cpu).TotalSeconds * paced.CallsPerSecond / paced.Calls;

        var (clustered, alone) = (new List<LoopFigures>(), new List<LoopFigures>());
        for (var round = 0; round < Rounds; round++)
        {
            clustered.Add(await ClosedLoop.RunAsync(Clients, Round, cluster.CallAsync, cancel));
            alone.Add(await ClosedLoop.RunAsync(Clients, Round, embedded.CallAsync, cancel));
        }
        var figures = new RedisOpsFigures
        {
            CallsPerSecond = paced.CallsPerSecond,
            OperationsPerCall = commands.Values.Sum(),
            Commands = commands,
            RedisCpu = redisCpu,
            P50Micros = paced.P50Micros,
            P99Micros = paced.P99Micros,
            ClusteredCallsPerSecond = Ratio.Median([.. clustered.Select(static run => run.CallsPerSecond)]),
            EmbeddedCallsPerSecond = Ratio.Median([.. alone.Select(static run => run.CallsPerSecond)]),
            ClusteredToEmbedded = Ratio.Of([.. clustered.Select(static run => run.CallsPerSecond)], [.. alone.Select(static run => run.CallsPerSecond)]),
        };
        Print(figures);
        return figures;
    }

    private static void Print(RedisOpsFigures figures)
    {
        Table.Print(["", ""],
        [
            ["calls/s, one gateway and three runners", Text(figures.CallsPerSecond, "0")],
            ["Redis operations per call", Text(figures.OperationsPerCall, "0.000")],
            .. figures.Commands.Select(command => (string[])["  " + command.Key, Text(command.Value, "0.000")]),
            ["Redis, % of a processor", Text(figures.RedisCpu * 100, "0.0")],
            ["p50, client to function and back, µs", Text(figures.P50Micros, "0")],
            ["p99, µs", Text(figures.P99Micros, "0")],
            [$"calls/s of {Clients} clients without a pause, cluster", Text(figures.ClusteredCallsPerSecond, "0")],
            ["  one process", Text(figures.EmbeddedCallsPerSecond, "0")],
            ["  cluster to one process", Text(figures.ClusteredToEmbedded, "0.00")],
        ]);
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

internal sealed record RedisOpsFigures
{
    public required double CallsPerSecond { get; init; }

    public required double OperationsPerCall { get; init; }

    /// <summary>The same by command.</summary>
    public required IReadOnlyDictionary<string, double> Commands { get; init; }

    public required double RedisCpu { get; init; }

    public required double P50Micros { get; init; }

    public required double P99Micros { get; init; }

    public required double ClusteredCallsPerSecond { get; init; }

    public required double EmbeddedCallsPerSecond { get; init; }

    public required double ClusteredToEmbedded { get; init; }
}
