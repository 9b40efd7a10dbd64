namespace Fn.Bench.Run;

/// <summary>Bodies of several sizes, sent and answered as they are, beside nginx; and what the largest do to the platform's memory.</summary>
internal static class Bodies
{
    private const int Clients = 4;
    private const int MemoryMiB = 128;
    private static readonly (string Name, int Bytes)[] Sizes = [("1 KB", 1_000), ("100 KB", 100_000), ("10 MB", 10_000_000)];

    public static async Task<BodiesFigures> MeasureAsync(Scale scale, CancellationToken cancel)
    {
        using var wrk = new Wrk();
        await using var nginx = await Nginx.StartAsync(cancel);
        await using var platform = await Platform.StartEmbeddedAsync(cancel);
        var function = (await platform.CreateAsync(1, MemoryMiB, cancel))[0];
        var sizes = new List<BodyFigures>();
        long before = 0;
        foreach (var (name, bytes) in Sizes)
        {
            Progress.Say($"bodies of {name}");
            var body = new string('x', bytes);
            // The last size is the one whose memory counts, its first calls with it.
            await ProcessMemory.ResetPeakAsync(platform.Id, cancel);
            before = ProcessMemory.Peak(platform.Id);
            await RunAsync("nginx", nginx.Address, scale.WarmUpSeconds, body);
            await RunAsync("one process", function, scale.WarmUpSeconds, body);
            var runs = await Turns.MeasureAsync(scale.BodyRounds,
            [
                () => RunAsync("one process", function, scale.Seconds, body),
                () => RunAsync("nginx", nginx.Address, scale.Seconds, body),
            ]);
            sizes.Add(new BodyFigures(name, [.. runs[0].Select(run => run.CallsPerSecond * bytes / 1e6)], [.. runs[1].Select(run => run.CallsPerSecond * bytes / 1e6)]));
        }
        return new BodiesFigures(sizes, before / 1024.0, ProcessMemory.Peak(platform.Id) / 1024.0);

        Task<WrkFigures> RunAsync(string side, Uri target, int seconds, string body) => wrk.RunAsync(side, target, Clients, seconds, body, cancel);
    }

    public static IEnumerable<Row> Rows(BodiesFigures figures)
    {
        var largest = figures.Sizes[^1];
        foreach (var size in figures.Sizes)
            yield return Row.Of($"bodies of {size.Name} both ways, MB/s each", size.Ours, "nginx", size.Nginx, size == largest ? Target.Least(0.6) : null);
        yield return new Row(
            $"bodies of {largest.Name}, peak memory, MiB", figures.PeakMiB, "before them", figures.BeforeMiB, figures.PeakMiB / figures.BeforeMiB, Target.Flat);
    }
}

/// <param name="Sizes">What each size gave.</param>
/// <param name="BeforeMiB">The platform's memory before the largest bodies.</param>
/// <param name="PeakMiB">Its peak while they passed.</param>
internal sealed record BodiesFigures(IReadOnlyList<BodyFigures> Sizes, double BeforeMiB, double PeakMiB);

/// <summary>MB/s each way, by round.</summary>
internal sealed record BodyFigures(string Name, IReadOnlyList<double> Ours, IReadOnlyList<double> Nginx);
