using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Runner.Drivers.Docker;
using Fn.Tests.Runner.Drivers.Oci;
using Fn.Tests.Runner.Drivers.Oci.Images;

namespace Fn.Bench.Cold;

/// <summary>
/// What a cold start takes from the decision to make a container to the first answer of its function: with each driver, and with what it calls, called by
/// hand for the same container. Then many functions at once.
/// </summary>
internal static class ColdBench
{
    private const int Warmups = 2;

    public static async Task<ColdFigures> RunAsync(CancellationToken cancel)
    {
        var figures = await MeasureAsync(ColdScale.Full, cancel);
        Print(figures.Starts);
        ManyFunctions.Print(figures.Many);
        return figures;
    }

    public static async Task<ColdFigures> MeasureAsync(ColdScale scale, CancellationToken cancel)
    {
        // In memory, so that nobody's disk is measured.
        var directory = Directory.CreateDirectory($"/dev/shm/fn-cold-{Guid.NewGuid():N}"[..24]).FullName;
        try
        {
            var archive = Path.Combine(Directory.CreateDirectory(Path.Combine(directory, "images")).FullName, "hello.tar");
            Archive().SaveDocker(archive);
            await using var daemon = await DockerDaemon.StartAsync(directory, archive, cancel);
            using var docker = new DockerTestDriver(daemon.Host);
            using var bareDocker = new BareDocker(daemon.Host);
            using var crun = new OciTestDriver(directory, "crun");
            using var runc = new OciTestDriver(directory, "runc");
            using var process = BareProcess.Driver();
            var (bareCrun, bareRunc) = (await BareAsync(crun, directory, cancel), await BareAsync(runc, directory, cancel));
            (string Name, Func<Task<double>> Start)[] sides =
            [
                ("process by hand", () => BareProcess.RunAsync(cancel)),
                ("process", () => StartAsync(process, BareProcess.Image, cancel)),
                ("crun by hand", () => bareCrun.RunAsync(cancel)),
                ("oci (crun)", () => StartAsync(crun.Driver, FirstAnswer.Image, cancel)),
                ("runc by hand", () => bareRunc.RunAsync(cancel)),
                ("oci (runc)", () => StartAsync(runc.Driver, FirstAnswer.Image, cancel)),
                ("docker by hand", () => bareDocker.RunAsync(cancel)),
                ("docker", () => StartAsync(docker.Driver, FirstAnswer.Image, cancel)),
            ];
            var starts = await MeasureAsync(sides, scale.Rounds);
            var many = new List<ManyFigures>();
            foreach (var runtime in scale.ManyRuntimes)
            {
                var bare = runtime == "crun" ? bareCrun : bareRunc;
                many.Add(await ManyFunctions.RunAsync(
                    runtime, () => bare.BestRateAsync(scale.BareStarts, cancel), Path.Combine(directory, "images"), scale, cancel));
            }
            return new ColdFigures(starts, many);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    public static ContainerSpec Spec(string id, string image = FirstAnswer.Image) => new()
    {
        Id = id,
        RunnerId = "bench",
        Function = new FunctionSpec
        {
            FunctionId = "f",
            FunctionName = "f",
            AppId = "a",
            AppName = "a",
            Image = image,
            Format = FunctionFormat.Http,
            MemoryMiB = 64,
            TimeoutSeconds = 30,
            IdleTimeoutSeconds = 30,
            Config = new Dictionary<string, string>(),
            Annotations = new Dictionary<string, string>(),
        },
        Environment = new Dictionary<string, string>(),
    };

    private static TestArchive Archive()
    {
        var layer = new TestLayer().Directory("bin").FileOf("bin/busybox", "/bin/busybox").Link("bin/sh", "busybox").Directory("tmp", (UnixFileMode)0x3FF);
        return new TestArchive { Name = FirstAnswer.Image, Run = new JsonObject { ["Entrypoint"] = new JsonArray("/bin/sh", "-c", FirstAnswer.Script) } }.Layer(layer);
    }

    private static async Task<BareRuntime> BareAsync(OciTestDriver driver, string directory, CancellationToken cancel)
    {
        var (setup, error) = await driver.Runtimes.FindAsync();
        var (image, failure) = await driver.Images.EnsureAsync(FirstAnswer.Image, cancel);
        return setup is not null && image is not null
            ? new BareRuntime(setup, image, Path.Combine(directory, "bare"))
            : throw new InvalidOperationException(error ?? failure?.Detail);
    }

    private static async Task<double> StartAsync(IContainerDriver driver, string image, CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        if (await driver.PullAsync(image, cancel) is { } notPulled)
            throw new InvalidOperationException(notPulled.Detail);
        var (container, failure) = await driver.CreateAsync(Spec(FnId.New(TimeProvider.System), image), cancel);
        if (container is null)
            throw new InvalidOperationException(failure!.Detail);
        if (await container.StartAsync(cancel) is { } notStarted)
            throw new InvalidOperationException(notStarted.Detail);
        await FirstAnswer.ReadAsync(container.Input, container.Output, cancel);
        var took = FirstAnswer.Millis(begun);
        await container.RemoveAsync();
        return took;
    }

    private static async Task<IReadOnlyList<StartFigures>> MeasureAsync((string Name, Func<Task<double>> Start)[] sides, int rounds)
    {
        var millis = sides.Select(_ => new List<double>()).ToList();
        for (var round = -Warmups; round < rounds; round++)
        {
            // In turn, each round beginning with another one.
            for (var i = 0; i < sides.Length; i++)
            {
                var side = (Math.Max(round, 0) + i) % sides.Length;
                var took = await sides[side].Start();
                if (round >= 0)
                    millis[side].Add(took);
            }
        }
        var docker = millis[^1];
        return [.. sides.Select((side, i) => new StartFigures(
            side.Name, Ratio.Median(millis[i]), millis[i].Order().ElementAt((int)Math.Ceiling(0.99 * rounds) - 1), Ratio.Of(millis[i], millis[i / 2 * 2]), Ratio.Of(millis[i], docker)))];
    }

    private static void Print(IReadOnlyList<StartFigures> starts) => Table.Print(
        ["", "p50 ms", "p99 ms", "to the same by hand", "to docker"],
        [.. starts.Select(f => (string[])[f.Name, Text(f.P50Millis, "0.0"), Text(f.P99Millis, "0.0"), Text(f.ToByHand, "0.00"), Text(f.ToDocker, "0.00")])]);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>All that was measured.</summary>
internal sealed record ColdFigures(IReadOnlyList<StartFigures> Starts, IReadOnlyList<ManyFigures> Many);

/// <summary>Cold starts of one kind; the ratios are medians of the rounds' ratios.</summary>
internal sealed record StartFigures(string Name, double P50Millis, double P99Millis, double ToByHand, double ToDocker);
