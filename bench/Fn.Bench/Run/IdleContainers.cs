namespace Fn.Bench.Run;

/// <summary>What a container that waits for its next call costs the platform's process, the container's own memory aside.</summary>
internal static class IdleContainers
{
    private const int MemoryMiB = 16;
    private const int LoadClients = 16;
    private const int MostLoads = 20;
    private const double Grown = 1.005;
    private const int MostReadings = 10;
    private const double Alike = 1.01;

    /// <summary>The number of them that the targets are for: what a process takes anyway is less in proportion.</summary>
    private const int Asked = 500;
    private const double MostKilobytes = 30;

    /// <summary>The platform gives memory back after a second in which it does nothing: that is over by then.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(4);

    public static async Task<IReadOnlyList<IdleFigures>> MeasureAsync(Scale scale, CancellationToken cancel)
    {
        Progress.Say("idle containers: warming up");
        // Room for all of them on any machine: a container of this bench needs a small part of what it may use.
        await using var platform = await Platform.StartEmbeddedAsync(cancel, "--Fn:Runner:Memory=64GiB", "--Fn:IdleMemory:After=1s");
        using var wrk = new Wrk();
        var load = (await platform.CreateAsync(1, MemoryMiB, cancel, idleSeconds: 1))[0];
        await LoadAsync(seconds: 1);
        // Starts that leave nothing behind, as often as they will be made below.
        foreach (var function in await platform.CreateAsync(scale.HotContainers[^1], MemoryMiB, cancel, idleSeconds: 1))
            await platform.CallAsync(function, cancel);
        var functions = new Queue<Uri>(await platform.CreateAsync(scale.HotContainers[^1] + 1, MemoryMiB, cancel, idleSeconds: 3600));
        // Already called once.
        functions.Dequeue();
        await SettleAsync();
        var figures = new List<IdleFigures>();
        foreach (var count in scale.HotContainers.Prepend(0))
        {
            Progress.Say($"idle containers: {count}");
            for (var hot = figures.LastOrDefault()?.Containers ?? 0; hot < count; hot++)
            {
                if (!await platform.CallAsync(functions.Dequeue(), cancel))
                    throw new BenchException($"One of {count} functions did not answer as it should.");
            }
            figures.Add(await ReadAsync(count));
        }
        return figures;

        Task LoadAsync(int seconds) => wrk.RunAsync("one process", load, LoadClients, seconds, Wrk.SmallBody, cancel);

        // The heap becomes as large as these calls make it.
        async Task SettleAsync()
        {
            double before = 0;
            for (var i = 0; i < MostLoads && ProcessMemory.Resident(platform.Id) > before * Grown; i++)
            {
                before = ProcessMemory.Resident(platform.Id);
                await LoadAsync(seconds: 1);
            }
        }

        // Each reading follows the same calls, and some time without any: then what is left is in use, whatever calls and starts left to collect. What is kept
        // for a while, as buffers are, goes in its own time: until then one reading is less than the one before it.
        async Task<IdleFigures> ReadAsync(int containers)
        {
            var (resident, dirty) = (new List<double>(), new List<double>());
            while (resident.Count < MostReadings && !AreAlike(resident.TakeLast(scale.MemoryReadings).ToList()))
            {
                await LoadAsync(seconds: 1);
                // Beside those that are counted, the one that was there before them.
                await platform.HasContainersAsync(containers + 1, cancel);
                await Task.Delay(Idle, TimeProvider.System, cancel);
                resident.Add(ProcessMemory.Resident(platform.Id));
                dirty.Add(ProcessMemory.PrivateDirty(platform.Id));
            }
            await Task.Delay(scale.Settling - Idle, TimeProvider.System, cancel);
            return new IdleFigures(
                containers, [.. resident.TakeLast(scale.MemoryReadings)], [.. dirty.TakeLast(scale.MemoryReadings)], ProcessMemory.Threads(platform.Id));
        }

        bool AreAlike(List<double> readings) => readings.Count == scale.MemoryReadings && readings.Max() <= readings.Min() * Alike;
    }

    public static IEnumerable<Row> Rows(IReadOnlyList<IdleFigures> figures)
    {
        var none = figures[0];
        foreach (var some in figures.Skip(1))
        {
            var (what, asked) = ($"{some.Containers} hot containers", some.Containers == Asked);
            yield return new Row($"{what}, KB each, resident", Each(static f => f.ResidentKiB, some), "none", null, null, asked ? Target.Most(MostKilobytes) : null);
            yield return new Row($"{what}, KB each, private dirty", Each(static f => f.PrivateDirtyKiB, some), "none", null, null);
            yield return new Row($"{what}, threads", some.Threads, "none", none.Threads, (double)some.Threads / none.Threads, asked ? Target.Most(1) : null);
        }

        double Each(Func<IdleFigures, IReadOnlyList<double>> memory, IdleFigures some) => (Ratio.Median(memory(some)) - Ratio.Median(memory(none))) * 1.024 / some.Containers;
    }
}

/// <summary>What the kernel said while so many containers waited: memory in KiB, by reading.</summary>
internal sealed record IdleFigures(int Containers, IReadOnlyList<double> ResidentKiB, IReadOnlyList<double> PrivateDirtyKiB, int Threads);
