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

    /// <summary>What is compiled late, and the containers and connections that so many clients need, shall be there before anything counts.</summary>
    public async Task WarmUpAsync(IReadOnlyList<int> clients, int seconds, CancellationToken cancel)
    {
        foreach (var side in All)
        {
            foreach (var count in clients)
                await CallAsync(side, count, seconds, cancel);
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
