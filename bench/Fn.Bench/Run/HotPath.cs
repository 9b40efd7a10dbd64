namespace Fn.Bench.Run;

/// <summary>Hot calls beside nginx proxying to the same function.</summary>
internal static class HotPath
{
    private const int Nginx = 0;
    private const int Embedded = 1;
    private const int Clustered = 2;
    private static readonly int[] Clients = [1, 16, 64, 256];

    public static async Task<IReadOnlyList<HotFigures>> MeasureAsync(HotSides sides, Scale scale, CancellationToken cancel)
    {
        Progress.Say("hot calls: warming up");
        await sides.WarmUpAsync(Clients[1..], scale.MostWarmUps, scale.WarmUpSeconds, cancel);
        var figures = Clients.SelectMany(clients => sides.All.Select(side => new HotFigures(clients, side.Name, []))).ToList();
        for (var round = 0; round < scale.Rounds; round++)
        {
            Progress.Say($"hot calls: round {round + 1} of {scale.Rounds}");
            for (var i = 0; i < Clients.Length; i++)
            {
                var clients = Clients[i];
                var some = await Turns.RoundAsync(round, [.. sides.All.Select(side => (Func<Task<WrkFigures>>)(() => sides.CallAsync(side, clients, scale.Seconds, cancel)))]);
                for (var side = 0; side < some.Count; side++)
                    figures[i * some.Count + side].Rounds.Add(some[side]);
            }
        }
        return figures;
    }

    public static IEnumerable<Row> Rows(IReadOnlyList<HotFigures> figures)
    {
        var byClients = figures.GroupBy(static f => f.Clients).ToDictionary(static group => group.Key, static group => group.ToList());
        foreach (var (clients, sides) in byClients)
        {
            var asked = clients == 16;
            foreach (var row in Compare(sides[Embedded], sides[Nginx], asked ? Target.Least(0.65) : null, asked ? Target.Most(2) : null))
                yield return row;
        }
        yield return Row.Of("hot, one process, 256 clients, calls/s", byClients[256][Embedded].CallsPerSecond, "16 clients", byClients[16][Embedded].CallsPerSecond, Target.Least(0.9));
        foreach (var (clients, sides) in byClients)
        {
            foreach (var row in Compare(sides[Clustered], sides[Embedded], clients == 16 ? Target.Least(0.5) : null, null))
                yield return row;
        }
    }

    private static IEnumerable<Row> Compare(HotFigures ours, HotFigures limit, Target? rate, Target? p99)
    {
        var what = $"hot, {ours.Side}, {(ours.Clients == 1 ? "1 client" : $"{ours.Clients} clients")}";
        yield return Row.Of($"{what}, calls/s", ours.CallsPerSecond, limit.Side, limit.CallsPerSecond, rate);
        yield return Row.Of($"{what}, p50 µs", [.. ours.Rounds.Select(static r => r.P50Micros)], limit.Side, [.. limit.Rounds.Select(static r => r.P50Micros)]);
        yield return Row.Of($"{what}, p99 µs", [.. ours.Rounds.Select(static r => r.P99Micros)], limit.Side, [.. limit.Rounds.Select(static r => r.P99Micros)], p99);
    }
}

/// <summary>All rounds of one side with so many clients.</summary>
internal sealed record HotFigures(int Clients, string Side, List<WrkFigures> Rounds)
{
    public IReadOnlyList<double> CallsPerSecond => [.. Rounds.Select(static round => round.CallsPerSecond)];
}
