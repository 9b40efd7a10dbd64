namespace Fn.Bench.Run;

/// <summary>Who answers the same call: nginx before the function, one process, and gateway and runner. They stay up together; one is called at a time.</summary>
internal sealed class HotSides : IAsyncDisposable
{
    private const int MemoryMiB = 32;
    private readonly List<IAsyncDisposable> _running = [];
    private readonly Wrk _wrk = new();

    private HotSides()
    {
    }

    public List<HotSide> All { get; } = [];

    public static async Task<HotSides> StartAsync(CancellationToken cancel)
    {
        var sides = new HotSides();
        try
        {
            var nginx = await Nginx.StartAsync(cancel);
            sides._running.Add(nginx);
            sides.All.Add(new HotSide("nginx", nginx.Address));
            await sides.AddAsync("one process", await Platform.StartEmbeddedAsync(cancel), cancel);
            await sides.AddAsync("gateway and runner", await Platform.StartPairAsync(cancel), cancel);
            return sides;
        }
        catch
        {
            await sides.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls with each number of clients, then with the first of them until it gets no faster.</summary>
    /// <param name="clients">How many clients there will be.</param>
    /// <param name="most">How often it is called with the first of them at most; at least half as often.</param>
    /// <param name="seconds">How long each round takes.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task WarmUpAsync(IReadOnlyList<int> clients, int most, int seconds, CancellationToken cancel)
    {
        foreach (var side in All)
        {
            foreach (var count in clients)
                await CallAsync(side, count, seconds, cancel);
            await WarmUp.UntilSteadyAsync(async () => (await CallAsync(side, clients[0], seconds, cancel)).CallsPerSecond, least: most / 2, most);
        }
    }

    public Task<WrkFigures> CallAsync(HotSide side, int clients, int seconds, CancellationToken cancel) =>
        _wrk.RunAsync(side.Name, side.Function, clients, seconds, Wrk.SmallBody, cancel);

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_running))
            await one.DisposeAsync();
        _wrk.Dispose();
    }

    private async Task AddAsync(string name, Platform platform, CancellationToken cancel)
    {
        _running.Add(platform);
        All.Add(new HotSide(name, (await platform.CreateAsync(1, MemoryMiB, cancel))[0]));
    }
}

/// <summary>Somebody who answers the call.</summary>
internal sealed record HotSide(string Name, Uri Function);
