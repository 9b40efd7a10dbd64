using System.Globalization;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>
/// Random calls, most of them good, to functions of both formats on a gateway and a runner: every answer is one that is defined for what was asked, nothing
/// is executed twice, and in the end nothing is left. How many (<c>FN_SOAK_CALLS</c>) and which (<c>FN_SOAK_SEED</c>) the environment says; bench/soak.sh
/// runs many.
/// </summary>
[Collection(FaultRuns.Name)]
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Clients = 8;
    private const int Samples = 20;
    private const int MaxResponseSize = 1 << 20;

    /// <summary>From here on memory says something: what starts only is over.</summary>
    private const int Many = 5000;

    private readonly int _calls = Setting("FN_SOAK_CALLS", 300);
    private readonly int _seed = Setting("FN_SOAK_SEED", Environment.TickCount);
    private readonly List<(SoakFigures Gateway, SoakFigures Runner)> _samples = [];

    [Fact]
    public async Task Soak_RandomCalls_AreAnsweredAsDefinedAndLeaveNothing()
    {
        output.WriteLine($"{_calls} calls, FN_SOAK_SEED={_seed}");
        // Memory for eight containers: functions evict each other all the time.
        await using var platform = await Platform.StartAsync(
            1, $"--Fn:Calls:MaxResponseSize={MaxResponseSize}", "--Fn:Runner:Memory=512MiB", "--Fn:Runner:ProcessRoots:1=/usr/bin",
            "--Logging:LogLevel:Fn.Function=Information");
        var executions = Directory.CreateTempSubdirectory("fn-soak-");
        var mix = await CreateMixAsync(platform);
        var killer = new SoakKiller((await platform.StatusAsync()).RunnerId);
        await RunAsync(new SoakRun(platform, mix, killer, Clients * 4, _seed, executions), platform, killer);
        await IdleAsync(platform);
        var start = Sample(platform);
        _samples.Clear();

        var run = new SoakRun(platform, mix, killer, _calls, _seed + 1, executions);
        var since = TimeProvider.System.GetTimestamp();
        await RunAsync(run, platform, killer);
        Report(run, killer, TimeProvider.System.GetElapsedTime(since));
        AssertNoProblem(run, platform);

        await IdleAsync(platform);
        await run.CheckLeftAsync();
        AssertNoProblem(run, platform);
        await AssertBackAtStartAsync(platform, start);
        AssertMemoryIsSteady();
        executions.Delete(recursive: true);
    }

    private void AssertNoProblem(SoakRun run, Platform platform) =>
        Assert.True(run.Problems.IsEmpty, $"FN_SOAK_SEED={_seed}\n{string.Join('\n', run.Problems.Select(problem => WithLog(problem, platform)))}");

    /// <summary>A problem, and what was logged of its call.</summary>
    private static string WithLog((string? CallId, string Text) problem, Platform platform)
    {
        var lines = $"{platform.Gateway.Output}\n{platform.Runners[0].Output}".Split('\n').Where(line => problem.CallId is { } id && line.Contains(id, StringComparison.Ordinal));
        return $"{problem.Text}\n  {string.Join("\n  ", lines)}";
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static async Task<SoakMix> CreateMixAsync(Platform platform)
    {
        var patient = new List<SoakFunction>();
        foreach (var name in (string[])["one", "two", "three"])
            patient.Add(new SoakFunction(await platform.CreateFaultyAsync(name, timeout: 60, idleTimeout: 1), IsShell: false));
        var hasty = new SoakFunction(await platform.CreateFaultyAsync("hasty", timeout: 1, idleTimeout: 1), IsShell: false);
        const string image = "process:/bin/sh -c \"eval $FN_HEADER_Faulty\"";
        var shell = new SoakFunction(await platform.CreateAsync("shell", image, FunctionFormat.Default, timeout: 5, idleTimeout: 1), IsShell: true);
        return new SoakMix(patient, hasty, shell, MaxResponseSize);
    }

    /// <summary>Runs to the end, and looks at the processes on the way.</summary>
    private async Task RunAsync(SoakRun run, Platform platform, SoakKiller killer)
    {
        var running = run.RunAsync(Clients);
        for (var sample = 1; sample < Samples; sample++)
        {
            var ended = _calls * sample / Samples;
            await Eventually.HoldsAsync(() => run.Ended >= ended || running.IsCompleted, $"{ended} calls have ended", TimeSpan.FromHours(1));
            if (running.IsCompleted)
                break;
            _samples.Add(Sample(platform));
            output.WriteLine($"{run.Ended} calls, {killer.Kills} kills; gateway: {_samples[^1].Gateway}; runner: {_samples[^1].Runner}");
        }
        await running;
    }

    private static (SoakFigures Gateway, SoakFigures Runner) Sample(Platform platform) =>
        (SoakFigures.Of(platform.Gateway), SoakFigures.Of(platform.Runners[0]));

    private static async Task IdleAsync(Platform platform)
    {
        await Eventually.HoldsAsync(
            async () =>
            {
                var status = await platform.StatusAsync();
                return status is { MemoryReserved: 0, Waiting: 0, Running: 0, Starting: 0, StartsQueued: 0 } && status.Pools.All(IsEmpty);
            },
            "nothing runs, waits or is reserved");
        Leftovers.AssertNoneOf((await platform.StatusAsync()).RunnerId);

        static bool IsEmpty(PoolStatus pool) => pool is { Idle: 0, Busy: 0, Starting: 0, Stopping: 0, Waiting: 0 };
    }

    private void Report(SoakRun run, SoakKiller killer, TimeSpan took)
    {
        output.WriteLine($"{run.Ended} calls in {took}, {run.Ended / took.TotalSeconds:F0}/s; {run.Left} clients left; {killer.Kills} processes killed");
        foreach (var (kind, count) in run.Outcomes.OrderByDescending(entry => entry.Value))
            output.WriteLine($"{count,8} {kind}");
    }

    private async Task AssertBackAtStartAsync(Platform platform, (SoakFigures Gateway, SoakFigures Runner) start)
    {
        // Connections between clients, gateway and runner stay; how many there are varies with how the calls met.
        const int more = 8 * Clients;
        await Eventually.HoldsAsync(
            () => Sample(platform) is var now && IsBack(now.Gateway, start.Gateway) && IsBack(now.Runner, start.Runner),
            $"descriptors and threads are back from {Sample(platform)} at {start}");
        output.WriteLine($"at the start: {start}; in the end: {Sample(platform)}");

        static bool IsBack(SoakFigures now, SoakFigures then) => now.Descriptors <= then.Descriptors + more && now.Threads <= then.Threads + more;
    }

    private void AssertMemoryIsSteady()
    {
        if (_calls < Many)
            return;
        var (third, last) = (_samples[(_samples.Count / 2)..(_samples.Count * 3 / 4)], _samples[(_samples.Count * 3 / 4)..]);
        AssertSteady("gateway", third.Average(sample => sample.Gateway.ResidentKiB), last.Average(sample => sample.Gateway.ResidentKiB));
        AssertSteady("runner", third.Average(sample => sample.Runner.ResidentKiB), last.Average(sample => sample.Runner.ResidentKiB));

        static void AssertSteady(string name, double before, double after) =>
            Assert.True(after <= (before * 1.15) + (16 * 1024), $"The {name} grew from {before:F0} to {after:F0} KiB in the second half.");
    }
}
